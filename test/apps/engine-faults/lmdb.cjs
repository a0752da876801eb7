// Scenarios of LMDB.
"use strict";
const { readdirSync } = require("node:fs");
const { open, openAsClass, ABORT, IF_EXISTS } = require("lmdb");
const { fresh, main, methods, say, storage, tell, shown, described } = require("./lib.cjs");

const EVENTS = ["aftercommit", "beforecommit", "committed", "begin-transaction", "error", "newListener"];

const scenarios = {
  async objects() {
    const options = { compression: false, name: undefined };
    const root = open(fresh("objects"), options);
    const named = root.openDB("named", { useVersions: true });
    const duplicates = root.openDB("duplicates", { dupSort: true, encoding: "ordered-binary" });
    const cached = root.openDB("cached", { cache: true });
    await root.put("a", { b: 1 });
    await tell("options", () => options);
    for (const [name, object] of Object.entries({
      root,
      named,
      duplicates,
      cached,
      range: root.getRange({}),
      keys: root.getKeys(),
      env: root.env,
    })) {
      await tell(`inspect ${name}`, () => object);
      if (name !== "range" && name !== "keys")
        await tell(`json ${name}`, () =>
          JSON.stringify(object, (key, value) =>
            typeof value === "function"
              ? "f"
              : typeof value === "bigint"
                ? String(value)
                : /averageTransactionTime|ddress|uint32|float64/.test(key)
                  ? 0
                  : value,
          ),
        );
      await tell(`clone ${name}`, () => {
        try {
          return structuredClone(object);
        } catch (error) {
          return error.name;
        }
      });
      await tell(`keys ${name}`, () => Reflect.ownKeys(object).map(String).join());
      for (
        let prototype = Object.getPrototypeOf(object);
        prototype !== Object.prototype;
        prototype = Object.getPrototypeOf(prototype)
      )
        await tell(`methods ${name}`, () => methods(prototype).join("\n"));
    }
    await tell("listeners", () => EVENTS.map((event) => `${event}:${root.listenerCount(event)}`).join());
    await tell("event names", () => root.eventNames());
    await root.close();
  },

  async options() {
    await tell("getter", async () => {
      let reads = 0;
      const db = open({
        path: fresh("getter"),
        get encoding() {
          reads++;
          return "json";
        },
      });
      await db.close();
      return reads;
    });
    await tell("getter that throws", () =>
      open({
        path: fresh("thrower"),
        get encoding() {
          throw new RangeError("mine");
        },
      }),
    );
    await tell("frozen", async () => {
      const db = open(Object.freeze({ path: fresh("frozen") }));
      await db.put("a", 1);
      await tell("of frozen", () => db.get("a"));
      await db.close();
      return db.trackMetrics;
    });
    await tell("no prototype", async () => {
      const db = open(Object.assign(Object.create(null), { path: fresh("null") }));
      await db.close();
      return Object.keys(db).sort().join();
    });
    await tell("proxied options", async () => {
      const seen = [];
      const db = open(
        new Proxy(
          { path: fresh("proxied") },
          {
            get: (target, key) => (seen.push(String(key)), target[key]),
            set: (target, key, value) => (seen.push(`set ${String(key)}`), (target[key] = value), true),
          },
        ),
      );
      await db.close();
      return seen.length > 0 && db.path;
    });
    await tell("class of options", async () => {
      class Options {
        path = fresh("class");
        get encoding() {
          return "json";
        }
      }
      const db = open(new Options());
      await db.put("a", { b: [1] });
      const value = db.getBinary("a").toString();
      await db.close();
      return value;
    });
    await tell("tracked by itself", async () => {
      const db = open(fresh("tracked"), { trackMetrics: false });
      const { trackMetrics } = db;
      await db.close();
      return trackMetrics;
    });
    await tell("nothing", () => Object.keys(open()).join());
    await tell("null", () => open(null));
    await tell("number", () => open(5));
    await tell("text as options", async () => {
      const db = open(fresh("text"), "text");
      await db.close();
      return Object.keys(db).length;
    });
    await tell("read only missing", () => open(fresh("readonly"), { readOnly: true }));
    await tell("class", async () => {
      const options = { path: fresh("asclass") };
      const Store = openAsClass(options);
      const store = new Store(null, {});
      await store.put("a", 1);
      const value = store.get("a");
      const keys = Object.keys(store).join();
      await store.close();
      return [options, typeof Store, Store.name, value, keys];
    });
  },

  async errors() {
    // A stack that ends inside of the engine has as many frames less as it had of ours.
    Error.stackTraceLimit = 30;
    // Each in a database of its own: some of them leave the engine in a state in which it crashes later.
    const failures = {
      "null key": (root) => root.get(null),
      "undefined key": (root) => root.put(undefined, 1),
      "object key": (root) => root.get({}),
      "long key": (root) => root.put("x".repeat(5_000), 1),
      "long key sync": (root) => root.putSync("x".repeat(5_000), 1),
      "function value": (root) => root.put("a", () => {}),
      "getter throws": (root) =>
        root.put("a", {
          get b() {
            throw new RangeError("mine");
          },
        }),
      "getter throws sync": (root) =>
        root.putSync("a", {
          get b() {
            throw new RangeError("mine");
          },
        }),
      "too many": (root) => {
        for (let i = 0; i < 8; i++) root.openDB(`db${i}`, {});
      },
      "dup of versions": (root) => root.openDB("d", { dupSort: true, useVersions: true }),
      "not found": (root) => root.openDB("no", { create: false }),
      "bad name": (root) => root.openDB({}, {}),
      "sync throws": (root) =>
        root.transactionSync(() => {
          root.put("s", 1);
          throw new TypeError("of the callback");
        }),
      "sync throws text": (root) =>
        root.transactionSync(() => {
          throw "text";
        }),
      "transaction throws": (root) =>
        root.transaction(() => {
          root.put("t", 1);
          throw new TypeError("of the callback");
        }),
      "transaction rejects": (root) =>
        root.transaction(async () => {
          await Promise.resolve();
          throw new TypeError("of the callback");
        }),
      "child throws": (root) =>
        root.childTransaction(function child() {
          root.put("c", 1);
          throw new TypeError("of the callback");
        }),
      "child aborts": (root) =>
        root.childTransaction(() => {
          root.put("c", 1);
          return ABORT;
        }),
      "batch throws": (root) =>
        root.batch(() => {
          root.put("b", 1);
          throw new TypeError("of the callback");
        }),
      "ifVersion throws": (root) =>
        root.ifVersion("b", 1, () => {
          throw new TypeError("of the callback");
        }),
      "ifVersion bad": (root) => root.ifVersion("b", "x", () => {}),
      ifNoExists: (root) =>
        root.ifNoExists("n", () => {
          root.put("n", 1, 1);
        }),
      "bad flags": (root) => root.transactionSync(() => 1, "x"),
      range: (root) => root.getRange({ start: {}, end: () => {} }).asArray,
      "range throws": (root) => {
        for (const each of root.getRange()) throw new RangeError(String(each.key === undefined));
      },
      "map throws": (root) =>
        root.getRange().map(() => {
          throw new RangeError("mine");
        }).asArray,
      getMany: (root) => root.getMany("text"),
      "on another object": (root) => root.constructor.prototype.put.call({}, "a", 1),
      removed: (root) => [root.remove("no"), root.remove("s", 99), root.removeSync("no")],
      versions: async (root) => [
        await root.put("v", 1, 1, 5),
        await root.put("v", 1, 2, IF_EXISTS),
        root.getEntry("v"),
      ],
      nested: (root) =>
        root.transactionSync(() =>
          root.transactionSync(() =>
            root.transactionSync(() => {
              throw new Error("deep");
            }),
          ),
        ),
      "sync in sync closes": (root) =>
        root.transactionSync(() => {
          void root.openDB("inner", {});
        }),
    };
    for (const [what, act] of Object.entries(failures)) {
      const root = open(fresh("errors"), { maxDbs: 3, useVersions: true });
      await tell(what, () => act(root));
    }
    // Some of them are left with a transaction that does not end, for which the end of the process waits.
    setTimeout(() => process.kill(process.pid, "SIGKILL"), 100);
  },

  async closed() {
    const root = open(fresh("closed"), {});
    await root.put("a", 1);
    await root.close();
    await tell("get of a closed one", () => root.get("a"));
    await tell("put of a closed one", () => root.put("a", 1));
    await tell("range of a closed one", () => [...root.getRange()]);
    await tell("transaction of a closed one", () => root.transactionSync(() => 1));
    await tell("openDB of a closed one", () => root.openDB("x", {}));
    await tell("close again", () => root.close());
  },

  async names() {
    const root = open(fresh("names"), { maxDbs: 400 });
    for (const name of [
      "__proto__",
      "constructor",
      "a\nb",
      "é",
      "\ud800",
      "",
      "\0",
      " ",
      "x".repeat(500),
      "x".repeat(100_000),
      "a\0b",
      "\u2028",
      "'\"\\{}",
    ]) {
      await tell(`named ${shown(name).slice(0, 20)}`, async () => {
        const db = root.openDB(name, {});
        await db.put("k", "v");
        return [db.get("k"), db.name === name, [...db.getKeys()]];
      });
    }
    await tell("many", async () => {
      const all = Array.from({ length: 300 }, (_, i) => root.openDB(`name${i}`, {}));
      await Promise.all(all.map((db, i) => db.put("k", i)));
      return all.map((db) => db.get("k")).length;
    });
    await tell("keys", () => [...root.getKeys()].length);
    await root.close();
  },

  async contexts() {
    const db = open(fresh("contexts"), {});
    const log = (event) => () => say(`event ${event} in ${storage.getStore()}`);
    for (const event of ["aftercommit", "beforecommit"]) db.on(event, log(event));
    const after = async (what, act) =>
      storage.run(what, async () => {
        await act();
        say(`${what} ends in ${storage.getStore()}`);
      });
    for (const [what, act] of Object.entries({
      put: () => db.put("a", 1),
      transaction: () => db.transaction(() => say(`callback in ${storage.getStore()}`)),
      child: () => db.childTransaction(() => say(`callback in ${storage.getStore()}`)),
      sync: () => db.transactionSync(() => say(`callback in ${storage.getStore()}`)),
      batch: () => db.batch(() => say(`callback in ${storage.getStore()}`)),
      getMany: () => db.getMany(["a"]),
      prefetch: () => db.prefetch(["a"]),
      callback: () =>
        new Promise((resolve) =>
          db.prefetch(["a"], () => {
            say(`callback in ${storage.getStore()}`);
            resolve();
          }),
        ),
      async: () => db.getAsync("a"),
      asyncTransaction: () =>
        db.transaction(async () => {
          await Promise.resolve();
          say(`callback in ${storage.getStore()}`);
        }),
    }))
      await after(what, act).catch((error) => say(described(error)));
    const order = [];
    const note = (what) => () => order.push(what);
    const one = db.put("1", 1);
    await tell("one promise", () => one === db.put("2", 1));
    await Promise.all([one.then(note("put")), Promise.resolve().then(note("tick"))]);
    say(order.join());
    await tell("own of a promise", () => Reflect.ownKeys(db.put("3", 1)).map(String).join());
    await tell("own of a promise inside", () =>
      db.transactionSync(() => Reflect.ownKeys(db.put("4", 1)).map(String).join()),
    );
    await db.close();
  },

  async unhandled() {
    const db = open(fresh("unhandled"), {});
    void db.transaction(function unheard() {
      throw new Error("unheard");
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await db.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
  },

  async closing() {
    for (let round = 0; round < 5; round++) {
      const db = open(fresh(`closing${round}`), {});
      const named = db.openDB("named", {});
      const work = [];
      for (let i = 0; i < 200; i++)
        work.push(
          db.put(`k${i}`, i),
          named.put(`k${i}`, i),
          db.transaction(() => named.put("t", i)),
        );
      const iterator = db.getRange()[Symbol.iterator]();
      const closed = db.close();
      await tell("settled", async () => {
        const counts = {};
        for (const { status, reason } of await Promise.allSettled(work))
          counts[`${status} ${reason?.message}`] = (counts[`${status} ${reason?.message}`] ?? 0) + 1;
        return counts;
      });
      await tell("close", () => closed);
      await tell("next", () => iterator.next());
      const again = open(db.path, {});
      await tell("there", () => [...again.getKeys()].length);
      await again.close();
    }
  },

  async subclasses() {
    const Store = openAsClass({ path: fresh("sub") });
    class Mine extends Store {
      get(...args) {
        say("mine: get");
        return super.get(...args);
      }
      put() {
        throw new TypeError("mine: put");
      }
      getBinary() {
        throw new Error("mine: getBinary");
      }
      ensureReadTxn() {
        say("mine: ensureReadTxn");
        return super.ensureReadTxn();
      }
      close() {
        say("mine: close");
        return super.close();
      }
    }
    const mine = new Mine(null, {});
    await tell("get", () => mine.get("a"));
    await tell("put", () => mine.put("a", 1));
    await tell("sync", () => mine.putSync("a", 1));
    await tell("close", () => mine.close());
    const frozen = open(fresh("frozen2"), {});
    await tell("freeze", () => {
      Object.freeze(Object.getPrototypeOf(frozen));
      return 1;
    });
    await tell("frozen put", () => frozen.put("a", 1));
    await tell("frozen get", () => frozen.get("a"));
    await tell("frozen range", () => [...frozen.getRange()]);
    await frozen.close();
    const proxied = new Proxy(open(fresh("proxied2"), {}), {});
    await tell("proxy put", () => proxied.put("a", 1));
    await tell("proxy get", () => proxied.get("a"));
    await tell("proxy close", () => proxied.close());
  },

  async thousands() {
    for (let i = 0; i < 100; i++) {
      const db = open(fresh("thousands"), {});
      db.putSync("a", i);
      await db.close();
    }
    await tell(
      "fds",
      () =>
        readdirSync("/proc/self/fd").filter((fd) => {
          try {
            return require("node:fs").readlinkSync(`/proc/self/fd/${fd}`).includes("thousands");
          } catch {
            return false;
          }
        }).length,
    );
  },
};

if (require.main === module) void main(scenarios);
