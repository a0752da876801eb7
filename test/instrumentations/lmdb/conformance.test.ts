import { join } from "node:path";
import type * as Lmdb from "lmdb";
import { lmdb } from "../../../instrumentations/lmdb/index.ts";
import { testEngine } from "../../conformance/engine.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

type Module = typeof Lmdb;
type Root = Lmdb.RootDatabase;

/** An environment with three records in a named database. */
const filled = (module: Module, options: Lmdb.DatabaseOptions = {}): [Root, Lmdb.Database] => {
  const root = module.open(join(temporaryFolder(), "filled"), { noSync: true });
  const db = root.openDB("kv", options);
  for (const key of ["a", "b", "c"]) db.putSync(key, { key }, 1);
  return [root, db];
};

testEngine<Module>(lmdb, {
  operation: "get",
  observedObjects(module) {
    const [root, db] = filled(module);
    const cached = root.openDB("cached", { cache: true });
    return [root, db, cached].map((object) => Object.getPrototypeOf(object) as object);
  },
  throwing(module, error) {
    filled(module)[1].transactionSync(() => {
      throw error;
    });
  },
  perform(module, name, operations) {
    const db = module.open(join(temporaryFolder(), name), { noSync: true });
    for (let i = 0; i < operations; i++) db.get("nothing");
    void db.close();
  },
  exercises: {
    get: (module) => filled(module)[1].get("a"),
    "get of nothing": (module) => filled(module)[1].get("z"),
    "get without a key": (module) => filled(module)[1].get(undefined as never),
    "get of a cached record, twice": (module) => {
      const [, db] = filled(module, { cache: true });
      return [db.get("a"), db.get("a") === db.get("a")];
    },
    getEntry: (module) => filled(module, { useVersions: true })[1].getEntry("a"),
    getBinary: (module) => filled(module, { encoding: "binary" }).length,
    doesExist: (module) => ["a", "z"].map((key) => filled(module)[1].doesExist(key)),
    counts: (module) => {
      const [, db] = filled(module);
      return [db.getCount(), db.getKeysCount({ start: "b" }), db.getValuesCount("a")];
    },
    getRange: (module) => [...filled(module)[1].getRange({ start: "b" })],
    "getRange, backwards": (module) => [...filled(module)[1].getKeys({ reverse: true, limit: 2 })],
    "getRange, mapped": (module) =>
      filled(module)[1]
        .getRange({})
        .map(({ key }) => key).asArray,
    "getRange, twice": (module) => {
      const range = filled(module)[1].getKeys();
      return [[...range], [...range]];
    },
    "getRange, given up": (module) => {
      const [, db] = filled(module);
      for (const { key } of db.getRange()) return [key, db.removeSync("a")];
      return undefined;
    },
    "getRange by hand": (module) => {
      const iterator = filled(module)[1].getKeys()[Symbol.iterator]();
      return [iterator.next(), iterator.return?.(), iterator.next(), Object.keys(iterator)];
    },
    "write during an iteration": (module) => {
      const [, db] = filled(module);
      for (const { key } of db.getRange()) db.removeSync(key);
      return db.getCount();
    },
    "conditional writes": (module) => {
      const [, db] = filled(module, { useVersions: true });
      return [
        db.putSync("a", 1, { version: 2, ifVersion: 1 } as Lmdb.PutOptions),
        db.putSync("a", 2, { version: 3, ifVersion: 1 } as Lmdb.PutOptions),
        db.removeSync("a", 9),
        db.removeSync("z"),
      ];
    },
    "a key that is too long": (module) => filled(module)[1].putSync("x".repeat(5_000), 1),
    "a value that cannot be stored": (module) => filled(module, { encoding: "binary" })[1].putSync("f", () => {}),
    transactionSync: (module) => {
      const [, db] = filled(module);
      return [db.transactionSync(() => db.get("a")), db.transactionSync(() => undefined)];
    },
    "transactionSync, given up": (module) => {
      const [, db] = filled(module);
      const given = db.transactionSync(() => {
        db.putSync("d", 1);
        return module.ABORT;
      });
      return [given === module.ABORT, db.get("d")];
    },
    "transactions in transactions": (module) => {
      const [, db] = filled(module);
      return db.transactionSync(() => {
        const child = db.transactionSync(() => {
          db.putSync("d", 1);
          return module.ABORT;
        });
        return [child === module.ABORT, db.get("d"), db.transaction(() => db.get("a"))];
      });
    },
    "drop and clear": (module) => {
      const [, db] = filled(module);
      db.clearSync();
      const count = db.getCount();
      db.dropSync();
      return count;
    },
    "properties of a store": (module) => filled(module).map((store) => Object.keys(store)),
    "write after the end": (module) => {
      const [root] = filled(module);
      void root.close();
      return root.put("a", 1);
    },
  },
});
