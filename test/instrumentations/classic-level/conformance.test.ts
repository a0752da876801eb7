import { join } from "node:path";
import type * as Package from "classic-level";
import type { ClassicLevel } from "classic-level";
import { classicLevel } from "../../../instrumentations/classic-level/index.ts";
import { testEngine } from "../../conformance/engine.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

type Module = typeof Package;
type Db = ClassicLevel;

async function filled({ ClassicLevel }: Module): Promise<Db> {
  const db = new ClassicLevel(join(temporaryFolder(), "kv"));
  await db.batch(["a", "b", "c"].map((key) => ({ type: "put", key, value: key.toUpperCase() })));
  return db;
}

/** An exercise on a database that is closed afterwards. */
const on =
  (code: (db: Db) => unknown) =>
  async (module: Module): Promise<unknown> => {
    const db = await filled(module);
    try {
      return await code(db);
    } finally {
      await db.close();
    }
  };

const prototypeOf = (object: object): object => Object.getPrototypeOf(object) as object;

/** A key whose error is thrown inside of the package's own code. */
const evil = (error: unknown): Uint8Array =>
  Object.defineProperty(new Uint8Array(1), "buffer", {
    get() {
      throw error;
    },
  });

testEngine<Module>(classicLevel, {
  operation: "get",
  async observedObjects(module) {
    const db = await filled(module);
    const objects = [db, db.iterator(), db.snapshot(), db.batch()].map(prototypeOf);
    await db.close();
    return objects;
  },
  async throwing(module, error) {
    const db = await filled(module);
    try {
      await db.get(evil(error) as never, { keyEncoding: "view" });
    } finally {
      await db.close();
    }
  },
  async perform({ ClassicLevel }, name, operations) {
    const db = new ClassicLevel(join(temporaryFolder(), name));
    for (let i = 0; i < operations; i++) await db.get("nothing");
    await db.close();
  },
  exercises: {
    get: on((db) => db.get("a")),
    "get of nothing": on((db) => db.get("z")),
    "get as bytes": on((db) => db.get("a", { valueEncoding: "buffer" })),
    "get of no key": on((db) => db.get(undefined as never)),
    getSync: on((db) => [db.getSync("a"), db.getSync("z"), db.getSync("b", { valueEncoding: "buffer" })]),
    "getSync of no key": on((db) => db.getSync(null as never)),
    "getMany, has, hasMany": on((db) => Promise.all([db.getMany(["a", "z"]), db.has("a"), db.hasMany(["z", "b"])])),
    "put and del": on(async (db) => [await db.put("d", "D"), await db.del("a"), await db.keys().all()]),
    "put of no value": on((db) => db.put("d", undefined as never)),
    batch: on(async (db) => [await db.batch([{ type: "del", key: "a" }], { sync: true }), await db.get("a")]),
    "batch of what is none": on((db) => db.batch([{ type: "what" } as never])),
    "chained batch": on(async (db) => {
      const batch = db.batch().put("x", "1").del("a");
      return [batch.length, await batch.write(), await db.keys().all(), batch.length];
    }),
    "chained batch, given up": on(async (db) => {
      const batch = db.batch().put("x", "1");
      await batch.close();
      return batch.put("y", "2");
    }),
    clear: on(async (db) => [await db.clear({ gt: "a" }), await db.keys().all()]),
    "iterator, keys, values": on((db) =>
      Promise.all([db.iterator().all(), db.keys({ reverse: true }).all(), db.values({ limit: 2 }).all()]),
    ),
    "iterator, given up": on(async (db) => {
      for await (const entry of db.iterator()) return entry;
      return undefined;
    }),
    "iterator by hand": on(async (db) => {
      const iterator = db.iterator();
      const steps = [await iterator.next(), await iterator.nextv(1), await iterator.next()];
      iterator.seek("b");
      return [...steps, await iterator.nextv(9), await iterator.close(), iterator.count];
    }),
    "iterator that is busy": on((db) => {
      const iterator = db.iterator();
      return Promise.all([iterator.next(), iterator.next()]);
    }),
    "iterator after the end of its database": on(async (db) => {
      const iterator = db.iterator();
      await db.close();
      return iterator.next();
    }),
    "iterator with a signal": on(async (db) => {
      const controller = new AbortController();
      const iterator = db.iterator({ signal: controller.signal });
      await iterator.next();
      controller.abort();
      return iterator.all();
    }),
    snapshot: on(async (db) => {
      const snapshot = db.snapshot();
      await db.put("a", "later");
      const seen = [await db.get("a", { snapshot }), db.getSync("a", { snapshot }), await db.get("a")];
      return [...seen, await snapshot.close(), await db.get("a", { snapshot }).catch(String)];
    }),
    sublevel: on(async (db) => {
      const sublevel = db.sublevel<string, object>("sub", { valueEncoding: "json" });
      await sublevel.put("k", { v: 1 });
      await sublevel.batch().put("l", { v: 2 }).write();
      const all = [await sublevel.get("k"), sublevel.getSync("l"), await sublevel.iterator().all()];
      return [...all, await sublevel.clear(), await db.keys().all()];
    }),
    "compactRange, approximateSize, getProperty": on(async (db) => [
      await db.compactRange("a", "z"),
      await db.approximateSize("a", "z"),
      db.getProperty("leveldb.num-files-at-level0"),
    ]),
    "compactRange of nothing": on((db) => (db.compactRange as () => unknown)()),
    "methods before it is open": async ({ ClassicLevel }) => {
      const db = new ClassicLevel(join(temporaryFolder(), "early"));
      // Of other keys, as they run at the same time.
      const iterator = db.iterator({ gt: "b" });
      const all = [db.put("a", "1"), db.get("b"), db.compactRange("a", "b"), iterator.all(), db.has("c")];
      const outcomes = await Promise.all(all);
      await db.close();
      return [outcomes, db.status];
    },
    "methods after its end": async (module) => {
      const db = await filled(module);
      await db.close();
      return [await db.get("a").catch(String), await db.put("a", "b").catch(String), db.getSync("a")];
    },
    "open, close and open again": async (module) => {
      const db = await filled(module);
      await db.close();
      await db.close();
      await db.open();
      const value = await db.get("a");
      await db.close();
      return value;
    },
    "open of what is open": async (module) => {
      const db = await filled(module);
      const other = new module.ClassicLevel(db.location);
      try {
        return await other.open().catch(({ code, cause }) => [code, (cause as { code: string }).code]);
      } finally {
        await db.close();
      }
    },
    "a method called on something else": ({ ClassicLevel }) =>
      (ClassicLevel.prototype.get as (key: string) => unknown).call({}, "a"),
    "a private method called on something else": ({ ClassicLevel }) =>
      (ClassicLevel.prototype as unknown as { _getSync(key: string): unknown })._getSync("a"),
    "a subclass": async (module) => {
      class Shelf extends module.ClassicLevel {
        override async get(): Promise<string> {
          return "mine";
        }
      }
      const db = new Shelf(join(temporaryFolder(), "shelf"));
      const all = [await (db as Db).get("a"), db instanceof module.ClassicLevel, db.constructor.name];
      await db.close();
      return all;
    },
    destroy: async (module) => {
      const db = await filled(module);
      await db.close();
      return module.ClassicLevel.destroy(db.location);
    },
  },
});
