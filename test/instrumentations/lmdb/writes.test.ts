import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type * as Lmdb from "lmdb";
import { describe, it } from "mocha";
import { copyOf, count, seriesWith } from "../../helpers/observed.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

const lmdb = createRequire(import.meta.url)("lmdb") as typeof Lmdb;

const DURATION = "db.client.operation.duration";
const TRANSACTIONS = "storage.transaction.duration";

let opened = 0;
const open = (options: Lmdb.RootDatabaseOptions = {}): { root: Lmdb.RootDatabase; namespace: string } => {
  const namespace = `writes_${++opened}`;
  return { root: lmdb.open(join(temporaryFolder(), namespace), options), namespace };
};

/** Transactions that the engine has committed. */
const committed = (root: Lmdb.RootDatabase): number =>
  (root as unknown as { env: { info(): { txns: number } } }).env.info().txns;

const outcomes = async (namespace: string): Promise<Record<string, number>> => {
  const series = await seriesWith({ "db.namespace": namespace });
  return Object.fromEntries(
    series
      .filter(({ metric, value }) => metric === TRANSACTIONS && value > 0)
      .map(({ attributes, value }) => [
        ["mode", "outcome"].map((name) => attributes[`storage.transaction.${name}`]).join(" "),
        value,
      ]),
  );
};

describe("writes of lmdb", () => {
  it("of one turn of the event loop have one promise, as without observation", async () => {
    const bare = copyOf<typeof Lmdb>("lmdb", false).open(join(temporaryFolder(), "bare"), {});
    for (const root of [bare, open().root]) {
      const [first, second] = [root.put("a", 1), root.put("b", 2)];
      expect(first).to.equal(second);
      expect(await first).to.equal(true);
      expect(Object.getPrototypeOf(first)).to.equal(Promise.prototype);
      root.transactionSync(() => {
        const [third, fourth] = [root.put("c", 3), root.put("d", 4)];
        expect(third).to.equal(fourth);
        expect(third).to.include({ isSync: true, result: true });
      });
      await root.close();
    }
  });

  it("are transactions as the engine counts them", async () => {
    const { root, namespace } = open();
    const before = committed(root);
    for (let turn = 0; turn < 5; turn++) {
      let last: Promise<boolean> | undefined;
      for (let i = 0; i < 20; i++) last = root.put(`${turn} ${i}`, i);
      await last;
    }
    root.putSync("alone", 1);
    root.removeSync("alone");
    expect(await outcomes(namespace)).to.deep.equal({ "autocommit commit": committed(root) - before });
    expect(await count(DURATION, { "db.namespace": namespace, "db.operation.name": "put" })).to.equal(100);
    await root.close();
  });

  it("end when their callback is called, which gets what it does unobserved", async () => {
    const { root, namespace } = open();
    const put = root.put.bind(root) as unknown as (
      key: string,
      value: number,
      done: (...r: unknown[]) => void,
    ) => unknown;
    const results = await new Promise((resolve) => {
      expect(put("a", 1, (...given) => resolve(given))).to.equal(undefined);
    });
    expect(results).to.deep.equal([null, true]);
    expect(await count(DURATION, { "db.namespace": namespace, "db.operation.name": "put" })).to.equal(1);
    await root.close();
  });

  it("with a condition that was not met are conflicts, and change no record", async () => {
    const { root, namespace } = open({ useVersions: true });
    await root.put("a", 1, 1);
    expect(await root.put("a", 2, 2, 9)).to.equal(false);
    expect(root.putSync("a", 2, { version: 2, ifVersion: 9 } as Lmdb.PutOptions)).to.equal(false);
    expect(await root.remove("a", 9)).to.equal(false);
    expect(await root.ifNoExists("a", () => void root.put("a", 3, 3))).to.equal(false);
    expect(await root.ifVersion("a", 1, () => void root.put("a", 4, 4))).to.equal(true);
    const attributes = { "db.namespace": namespace };
    expect(await count("storage.transaction.conflicts", attributes)).to.equal(4);
    expect(await outcomes(namespace)).to.include({ "optimistic conflict": 1, "optimistic commit": 1 });
    expect(await count("storage.operation.records", { ...attributes, "db.operation.name": "remove" })).to.equal(0);
    await root.close();
  });

  it("with conditions in conditions are one transaction, as deep as without observation", async () => {
    const { root, namespace } = open({ useVersions: true });
    await root.put("a", 1, 1);
    let depth = 1_000;
    let last: Promise<boolean> | undefined;
    const nested = (): void => {
      last = root.ifVersion("a", 1, () => (depth-- > 0 ? nested() : void root.put("a", 2, 2)));
    };
    nested();
    expect([await last, root.get("a")]).to.deep.equal([true, 2]);
    const outer = root.ifVersion("a", 2, () => void root.ifNoExists("a", () => void root.put("a", 3, 3)));
    expect([await outer, root.get("a")]).to.deep.equal([true, 2]);
    expect(await outcomes(namespace)).to.include({ "optimistic commit": 2 });
    expect(await count("storage.transaction.conflicts", { "db.namespace": namespace })).to.equal(1);
    await root.close();
  });

  it("in a list are counted one by one, in one transaction", async () => {
    const { root, namespace } = open();
    const list = [
      { type: "put", key: "a", value: 1 },
      { type: "put", key: "b", value: 2 },
      { type: "del", key: "a" },
    ];
    expect(await (root as unknown as { batch(writes: object[]): Promise<boolean> }).batch(list)).to.equal(true);
    expect([root.get("a"), root.get("b")]).to.deep.equal([undefined, 2]);
    expect(await outcomes(namespace)).to.deep.equal({ "batch commit": 1 });
    const attributes = { "db.namespace": namespace };
    expect(await count(DURATION, { ...attributes, "db.operation.name": "put" })).to.equal(2);
    expect(await count(DURATION, { ...attributes, "db.operation.name": "del" })).to.equal(1);
    expect(await count(DURATION, { ...attributes, "db.operation.name": "remove" })).to.equal(0);
    await root.close();
  });

  it("do not count what the engine reads and writes for itself", async () => {
    const { root, namespace } = open({ sharedStructuresKey: Symbol.for("structures") });
    await root.put("a", { one: 1, two: 2 });
    const again = root.openDB("again", { sharedStructuresKey: Symbol.for("structures") });
    again.putSync("b", { three: 3 });
    expect([root.get("a"), ...again.getRange()]).to.have.length(2);
    const names = (await seriesWith({ "db.namespace": namespace }))
      .filter(({ metric, value }) => metric === DURATION && value > 0)
      .map(({ attributes, value }) => [attributes["db.query.summary"], value]);
    expect(Object.fromEntries(names)).to.deep.equal({ put: 1, "putSync again": 1, get: 1, "getRange again": 1 });
    await root.close();
  });
});

describe("transactions of lmdb", () => {
  it("that are asynchronous keep what was written before an error, and are commits", async () => {
    const { root, namespace } = open();
    const mine = new Error("mine");
    const failed = root.transaction(() => {
      void root.put("a", 1);
      throw mine;
    });
    expect(await failed.catch((error: unknown) => error)).to.equal(mine);
    expect(root.get("a")).to.equal(1);
    const given = await root.childTransaction(() => {
      void root.put("b", 1);
      return lmdb.ABORT as unknown as Promise<void>;
    });
    expect([given, root.get("b")]).to.deep.equal([lmdb.ABORT, undefined]);
    expect(await outcomes(namespace)).to.deep.equal({ "immediate commit": 1, "immediate rollback": 1 });
    await root.close();
  });

  it("reject without a handler as they do unobserved", async () => {
    const { root } = open();
    const unhandled: unknown[] = [];
    const listeners = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", (reason) => unhandled.push(reason));
    try {
      const mine = new Error("mine");
      void root.transaction(() => {
        throw mine;
      });
      await root.committed;
      await sleep(20);
      expect(unhandled).to.deep.equal([mine]);
    } finally {
      process.removeAllListeners("unhandledRejection");
      for (const listener of listeners) process.on("unhandledRejection", listener);
      await root.close();
    }
  });

  it("become part of the one they are begun in", async () => {
    const { root, namespace } = open();
    root.transactionSync(() => {
      expect(root.transaction(() => root.put("a", 1))).to.have.property("isSync", true);
      root.transactionSync(() => root.putSync("b", 1));
    });
    expect(await outcomes(namespace)).to.deep.equal({ "immediate commit": 1, "child commit": 1 });
    await root.close();
  });

  it("become part of the one they are begun in where the map is writable, which has no others", async () => {
    const { root, namespace } = open({ useWritemap: true });
    root.transactionSync(() => root.transactionSync(() => root.putSync("b", 1)));
    expect(root.get("b")).to.equal(1);
    expect(await outcomes(namespace)).to.deep.equal({ "immediate commit": 1 });
    await root.close();
  });
});
