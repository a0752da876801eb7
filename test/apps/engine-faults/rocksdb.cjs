// Scenarios of RocksDB.
"use strict";
const RocksDB = require("rocksdb-native");
const { fresh, main, methods, say, storage, tell } = require("./lib.cjs");

Error.stackTraceLimit = 30;

const thrower = () => {
  throw new RangeError("mine");
};

const scenarios = {
  async objects() {
    const db = new RocksDB(fresh("objects"));
    await db.ready();
    await db.put("a", "b");
    const batch = db.write();
    const iterator = db.iterator({ gte: "a" });
    const snapshot = db.snapshot();
    for (const [name, object] of Object.entries({ db, batch, iterator, snapshot })) {
      await tell(`keys ${name}`, () => Reflect.ownKeys(object).map(String).join());
      await tell(`methods ${name}`, () => methods(Object.getPrototypeOf(object)).join("\n"));
    }
    await tell("read", () => snapshot.get("a").then(String));
    batch.destroy();
    await tell("destroy again", () => batch.destroy());
    iterator.destroy();
    await snapshot.close();
    await db.close();
  },

  async errors() {
    const db = new RocksDB(fresh("errors"));
    await tell("put", () => db.put("a", "b"));
    await tell("get", () => db.get("a").then(String));
    await tell("nothing", () => db.get("none"));
    await tell("null key", () => db.get(null));
    await tell("number key", () => db.put(5, "a"));
    await tell("object value", () => db.put("a", {}));
    await tell("delete", () => db.delete("none"));
    await tell("range throws", async () => {
      for await (const each of db.iterator({ gte: "a", lt: "z" })) throw new RangeError(typeof each);
    });
    await tell("no range", () => db.peek({}).then((each) => each && String(each.key)));
    await tell("encoding throws", () =>
      db.put("a", "b", { valueEncoding: { encode: thrower, decode: thrower, preencode: thrower } }),
    );
    await tell("locked", () => new RocksDB(db.path).ready());
    await tell("read only missing", () => new RocksDB(fresh("missing"), { readOnly: true }).ready());
    await tell("bad property", () => db.getProperty?.("nothing"));
    await tell("compact", () => db.compactRange?.("a", "z"));
    await tell("flush", () => db.flush());
    await tell("batch", async () => {
      const batch = db.write();
      const promise = batch.put("x", "y");
      batch.tryPut("z", "y");
      await batch.flush();
      await promise;
      batch.destroy();
    });
    await tell("close twice", () => Promise.all([db.close(), db.close()]));
    await tell("get of a closed one", () => db.get("a"));
    await tell("put of a closed one", () => db.put("a", "b"));
    await tell("snapshot of a closed one", () => typeof db.snapshot());
  },

  async closing() {
    for (let round = 0; round < 3; round++) {
      const db = new RocksDB(fresh(`closing${round}`));
      await db.ready();
      const work = Array.from({ length: 50 }, (_, i) => db.put(`k${i}`, "v"));
      const closed = db.close();
      await tell(
        "settled",
        async () => new Set((await Promise.allSettled(work)).map(({ status, reason }) => `${status} ${reason?.code}`)),
      );
      await tell("close", () => closed);
    }
    await storage.run("here", async () => {
      const db = new RocksDB(fresh("here"));
      await db.put("a", "b");
      say(`ends in ${storage.getStore()}`);
      await db.close();
    });
  },
};

void main(scenarios);
