import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rocksdbNative } from "../../../instrumentations/rocksdb-native/index.ts";
import { testEngine } from "../../conformance/engine.ts";
import { temporaryFolder } from "../../helpers/temp.ts";
import type { Batch, Entry, Module, RocksDB } from "./rocksdb.ts";

const LETTERS = ["a", "b", "c", "d", "e"];

async function filled(module: Module): Promise<RocksDB> {
  const db = new module(join(temporaryFolder(), "kv"));
  for (const key of LETTERS) await db.put(key, key.toUpperCase());
  return db;
}

/** An exercise on a database that is closed afterwards. */
const on =
  (code: (db: RocksDB) => unknown) =>
  async (module: Module): Promise<unknown> => {
    const db = await filled(module);
    try {
      return await code(db);
    } finally {
      await db.close({ force: true });
    }
  };

const shown = (value: Buffer | null): string => String(value);
const prototypeOf = (object: object): object => Object.getPrototypeOf(object) as object;

async function all(entries: AsyncIterable<Entry>): Promise<string[]> {
  const list: string[] = [];
  for await (const { key, value } of entries) list.push(`${shown(key)}=${shown(value)}`);
  return list;
}

/** Encoding whose error is thrown inside of the package's own code. */
const evil = (error: unknown): object => ({
  preencode() {
    throw error;
  },
});

const withBatch = async (db: RocksDB, kind: "read" | "write", use: (batch: Batch) => unknown): Promise<unknown> => {
  const batch = db[kind]();
  try {
    return await use(batch);
  } finally {
    batch.destroy();
  }
};

testEngine<Module>(rocksdbNative, {
  operation: "get",
  async observedObjects(module) {
    const db = await filled(module);
    const [read, write, iterator, snapshot] = [db.read(), db.write(), db.iterator(), db.snapshot()];
    const inner = db as unknown as { _state: object };
    const held = snapshot as unknown as { _snapshot: object };
    const objects = [db, inner._state, read, write, prototypeOf(read), iterator, held._snapshot].map(prototypeOf);
    read.destroy();
    write.destroy();
    iterator.destroy();
    await snapshot.close();
    await db.close();
    return objects;
  },
  async throwing(module, error) {
    const db = await filled(module);
    const session = db.session({ keyEncoding: evil(error) });
    const batch = session.read();
    try {
      await batch.get("a");
    } finally {
      batch.destroy();
      await db.close({ force: true });
    }
  },
  async perform(module, name, operations) {
    const db = new module(join(temporaryFolder(), name));
    for (let i = 0; i < operations; i++) await db.get("nothing");
    await db.close();
  },
  exercises: {
    get: on(async (db) => [shown(await db.get("a")), await db.get("z")]),
    "get of no key": on((db) => db.get(undefined)),
    "put, delete, deleteRange": on(async (db) => [
      await db.put("f", "F"),
      await db.delete("a"),
      await db.deleteRange("c", "e"),
      await all(db.iterator()),
      db.stats,
    ]),
    "put of no value": on((db) => db.put("x", undefined)),
    "batch of reads": on((db) =>
      withBatch(db, "read", async (batch) => {
        const values = [batch.get("a"), batch.get("z")];
        await batch.flush();
        return (await Promise.all(values)).map(shown);
      }),
    ),
    "batch of writes": on((db) =>
      withBatch(db, "write", async (batch) => {
        const put = batch.put("x", "1");
        batch.tryDelete("a");
        batch.tryDeleteRange("b", "d");
        const results = [await batch.flush(), await put];
        // It can be used again.
        batch.tryPut("y", "2");
        return [...results, await batch.flush(), await all(db.iterator())];
      }),
    ),
    "batch without a wait": on((db) =>
      withBatch(db, "write", async (batch) => {
        const put = batch.put("x", "1");
        batch.tryFlush();
        return [await put, shown(await db.get("x"))];
      }),
    ),
    "batch that is busy": on(async (db) => {
      const batch = db.write();
      batch.tryPut("x", "1");
      const flushed = batch.flush();
      const second = await batch.flush().catch(String);
      await flushed;
      batch.destroy();
      return [second, await batch.flush().catch(String)];
    }),
    "batch that is given up": on(async (db) => {
      const batch = db.write();
      const put = batch.put("x", "1");
      batch.destroy();
      return put;
    }),
    iterator: on((db) => all(db.iterator({ gte: "b", lt: "e" }, { reverse: true }))),
    "iterator in steps": on((db) => all(db.iterator({ gte: "a" }, { capacity: 2 }))),
    "iterator, given up": on(async (db) => {
      for await (const { key } of db.iterator()) return shown(key);
      return undefined;
    }),
    "keys, peek": on(async (db) => {
      const keys: string[] = [];
      for await (const key of db.keys({ gt: "b" })) keys.push(shown(key));
      const peeked = await db.peek({ gt: "c" });
      return [keys, shown(peeked!.key), await db.peek({ gt: "x" })];
    }),
    // It stays open: the package loses a batch whose encoding throws, and would wait for it.
    "session with encodings": async (module) => {
      const session = (await filled(module)).session({ keyEncoding: evil(new RangeError("no key")) });
      return [await session.put("a", "b").catch(String), await session.get("a").catch(String)];
    },
    snapshot: on(async (db) => {
      const snapshot = db.snapshot();
      await db.put("a", "later");
      const seen = [
        shown(await snapshot.get("a")),
        await all(snapshot.iterator({ lt: "b" })),
        shown(await db.get("a")),
      ];
      await snapshot.close();
      return [...seen, await snapshot.get("a").catch(String)];
    }),
    "column family": async (module) => {
      const db = new module(join(temporaryFolder(), "families"), { columnFamilies: ["shelf"] });
      const shelf = db.columnFamily("shelf");
      await shelf.put("a", "on the shelf");
      const values = [shown(await shelf.get("a")), await db.get("a"), await shelf.flush()];
      await shelf.close();
      await db.close();
      return values;
    },
    "flush, compact, compactRange, approximateSize": on(async (db) => [
      await db.flush(),
      await db.compactRange("a", "c"),
      await db.compactRange({ exclusive: true }),
      await db.compact(),
      (await db.approximateSize("a", "z")) >= 0,
      await db.getProperty("rocksdb.num-snapshots"),
      await db.getProperty("rocksdb.nothing"),
      typeof (await db.currentWalFile()).size,
    ]),
    "suspend and resume": on(async (db) => {
      await db.suspend();
      const pending = db.put("later", "1");
      await db.resume();
      return [await pending, shown(await db.get("later"))];
    }),
    "methods before it is open": async (module) => {
      const db = new module(join(temporaryFolder(), "early"));
      const snapshot = db.snapshot();
      // Of other keys, as they run at the same time.
      const calls = [db.put("a", "1"), db.get("b"), db.flush(), db.peek({ gt: "a" }), snapshot.get("c")];
      const outcomes = await Promise.all(calls);
      await snapshot.close();
      await db.close();
      return outcomes;
    },
    "methods after its end": async (module) => {
      const db = await filled(module);
      await db.close();
      await db.close();
      const calls = [db.get("a"), db.put("a", "b"), db.compact(), db.getProperty("rocksdb.num-snapshots")];
      return Promise.all(calls.map((call) => call.catch(String)));
    },
    "flush after its end": async (module) => {
      const db = await filled(module);
      await db.close();
      return db.flush();
    },
    "open of what is open": async (module) => {
      const db = await filled(module);
      try {
        return await new module(db.path).ready().catch(({ code }: { code: string }) => code);
      } finally {
        await db.close();
      }
    },
    "open of what cannot be": async (module) =>
      new module(join(temporaryFolder(), "nothing", "here"), { createIfMissing: false })
        .ready()
        .catch(({ name, code }: { name: string; code: string }) => [name, code]),
    "a damaged file": async (module) => {
      const db = await filled(module);
      await db.put("large", "x".repeat(10_000));
      await db.flush();
      await db.close();
      for (const name of readdirSync(db.path).filter((each) => each.endsWith(".sst"))) {
        const bytes = readFileSync(join(db.path, name));
        writeFileSync(join(db.path, name), bytes.fill(0xff, 50, 9_000));
      }
      const again = new module(db.path);
      const failure = ({ name, code, cause }: Error & { code?: string }): unknown[] => [
        name,
        code,
        (cause as { code?: string } | undefined)?.code,
      ];
      const calls = [again.get("large"), all(again.iterator()), again.compactRange({ bottommostLevelCompaction: 2 })];
      const outcomes = await Promise.all(calls.map((call) => (call as Promise<unknown>).catch(failure)));
      const put = await again.put("b", "c").catch(failure);
      await again.close({ force: true });
      return [outcomes, put];
    },
    "a method called on something else": (module) =>
      (module.prototype as RocksDB).get.call({} as RocksDB, "a").catch(({ name }: Error) => name),
    "a subclass": async (module) => {
      class Shelf extends module {
        override async get(): Promise<Buffer> {
          return Buffer.from("mine");
        }
      }
      const db = new Shelf(join(temporaryFolder(), "shelf"));
      const values = [shown(await db.get()), db instanceof module, db.constructor.name, await db.put("a", "b")];
      await db.close();
      return values;
    },
  },
});
