import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { SpanStatusCode } from "@opentelemetry/api";
import { expect } from "chai";
import { describe, it } from "mocha";
import { collect, count, spansOf } from "../../helpers/observed.ts";
import { unregistered } from "../../helpers/registry.ts";
import { temporaryFolder } from "../../helpers/temp.ts";
import { perform } from "./exercises.ts";

const { DatabaseSync } = createRequire(import.meta.url)("node:sqlite") as typeof import("node:sqlite");

const fileOf = (name: string): string => join(temporaryFolder(), `${name}.db`);

describe("conformance of node-sqlite", () => {
  it("returns and throws what it does unobserved, and its methods look the same", async () => {
    const worker = new Worker(new URL("unobserved.ts", import.meta.url));
    const [bare] = (await once(worker, "message")) as [ReturnType<typeof perform>];
    // As it arrives from a thread, where objects lose their prototypes.
    const observed = structuredClone(perform());
    expect(observed.outcomes).to.deep.equal(bare.outcomes);
    expect(observed.shapes).to.deep.equal(bare.shapes);
  });

  it("is actually observed: its methods are no longer Node's own", () => {
    expect(String(DatabaseSync.prototype.prepare)).not.to.contain("[native code]");
  });

  it("passes thrown values of any kind through untouched", () => {
    const db = new DatabaseSync(":memory:");
    const thrown = new RangeError("mine");
    db.function("fail", () => {
      throw thrown;
    });
    expect(() => db.prepare("SELECT fail()").get()).to.throw(thrown as never);
  });

  it("counts the operations of statements and of tagged templates, with their rows", async () => {
    const db = new DatabaseSync(fileOf("tags")) as InstanceType<typeof DatabaseSync> & {
      createTagStore(): Record<
        "run" | "get" | "iterate",
        (text: TemplateStringsArray, ...values: unknown[]) => Iterable<unknown>
      >;
    };
    db.exec("CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT)");
    const sql = db.createTagStore();
    for (let k = 0; k < 5; k++) sql.run`INSERT INTO kv VALUES (${k}, ${"secret"})`;
    sql.get`SELECT v FROM kv WHERE k = ${3}`;
    Array.from(sql.iterate`SELECT v FROM kv`);
    db.prepare("CREATE INDEX i ON kv (v)").run();
    const of = (name: string): Promise<number> =>
      count("db.client.operation.duration", { "db.namespace": "tags", "db.operation.name": name });
    expect([await of("INSERT"), await of("SELECT"), await of("CREATE")]).to.deep.equal([5, 2, 2]);
    const records = (direction: string): Promise<number> =>
      count("storage.operation.records", { "db.namespace": "tags", "disk.io.direction": direction });
    expect([await records("write"), await records("read")]).to.deep.equal([5, 6]);
    db.close();
  });

  it("names SQLite's result code as the type of an error", () => {
    const db = new DatabaseSync(fileOf("errors"));
    db.exec("CREATE TABLE kv (k INTEGER PRIMARY KEY)");
    const insert = db.prepare("INSERT INTO kv VALUES (1)");
    const spans = spansOf(() => {
      insert.run();
      expect(() => insert.run()).to.throw();
    });
    const failed = spans.filter(({ status }) => status.code === SpanStatusCode.ERROR);
    expect(failed.map(({ attributes }) => attributes["error.type"])).to.deep.equal(["SQLITE_CONSTRAINT_PRIMARYKEY"]);
    db.close();
  });

  it("ends open work when the database is disposed of", async () => {
    {
      using db = new DatabaseSync(fileOf("disposed"));
      db.exec("BEGIN");
      expect(await count("storage.transaction.active", { "db.namespace": "disposed" })).to.equal(1);
    }
    expect(await count("storage.transaction.active", { "db.namespace": "disposed" })).to.equal(0);
  });

  it("emits only telemetry of the registry", async () => {
    expect(unregistered(await collect())).to.deep.equal([]);
  });
});
