// Scenarios of LevelDB. FAULTS_PACKAGE names the package: classic-level, level, or an earlier version.
"use strict";
const { readdirSync } = require("node:fs");
const { fresh, main, methods, say, storage, tell, shown, described } = require("./lib.cjs");

const { ClassicLevel, Level = ClassicLevel } = require(process.env.FAULTS_PACKAGE ?? "classic-level");

const EVENTS = [
  "write",
  "open",
  "opening",
  "closing",
  "closed",
  "put",
  "del",
  "batch",
  "clear",
  "error",
  "newListener",
];

const opened = async (name, options) => {
  const db = new Level(fresh(name), options);
  await db.open();
  return db;
};

const scenarios = {
  async objects() {
    const db = await opened("objects", { valueEncoding: "json" });
    await db.put("a", { b: 1 });
    const sub = db.sublevel("sub");
    const iterator = db.iterator();
    const chained = db.batch();
    const all = { db, sub, iterator, chained, ...(db.snapshot === undefined ? {} : { snapshot: db.snapshot() }) };
    for (const [name, object] of Object.entries(all)) {
      await tell(`inspect ${name}`, () => object);
      await tell(`json ${name}`, () =>
        JSON.stringify(object, (key, value) => (typeof value === "function" ? "f" : value)),
      );
      await tell(`clone ${name}`, () => structuredClone(object));
      await tell(`keys ${name}`, () => Reflect.ownKeys(object).map(String).join());
      await tell(`methods ${name}`, () => methods(Object.getPrototypeOf(object)).join("\n"));
    }
    await tell("listeners", () => EVENTS.map((event) => `${event}:${db.listenerCount(event)}`).join());
    await tell("event names", () => db.eventNames().map(String).join());
    await iterator.close();
    await chained.close();
    await all.snapshot?.close();
    await db.close();
  },

  async errors() {
    // The stack of a rejection lacks as many frames at its end as it had of ours.
    Error.stackTraceLimit = 30;
    const closed = new Level(fresh("closed"));
    await closed.open();
    await closed.close();
    await tell("get of a closed one", () => closed.get("a"));
    await tell("put of a closed one", () => closed.put("a", "b"));
    await tell("iterate a closed one", () => closed.keys().all());
    await tell("getSync of a closed one", () => closed.getSync("a"));
    await tell("batch of a closed one", () => closed.batch([{ type: "put", key: "a", value: "b" }]));
    await tell("missing", () => new Level(fresh("missing"), { createIfMissing: false }).open());
    const db = await opened("errors");
    await tell("exists", () => new Level(db.location, { errorIfExists: true }).open());
    await tell("locked", () => new Level(db.location).open());
    await tell("null key", () => db.get(null));
    await tell("undefined value", () => db.put("a", undefined));
    await tell("bad batch", () => db.batch([{ type: "no", key: "a" }]));
    await tell("no array", () => db.batch("text"));
    await tell("bad getMany", () => db.getMany("text"));
    await tell("bad encoding", () => db.get("a", { keyEncoding: "no" }));
    await tell("encoding throws", () =>
      db.get("a", {
        keyEncoding: {
          encode() {
            throw new RangeError("mine");
          },
          decode: String,
          format: "utf8",
          name: "m",
        },
      }),
    );
    await tell("decoding throws", async () => {
      await db.put("a", "b");
      return db.get("a", {
        valueEncoding: {
          encode: String,
          decode() {
            throw new RangeError("mine");
          },
          format: "utf8",
          name: "m",
        },
      });
    });
    await tell("destructured", () => {
      const { get } = db;
      return get("a");
    });
    await tell("on another object", () => Level.prototype.get.call({}, "a"));
    await tell("no class", () => Level("x"));
    await tell("property", () => db.getProperty("leveldb.num-files-at-level0"));
    await tell("no property", () => db.getProperty("nothing"));
    await tell("bad property", () => db.getProperty(1));
    await tell("bad size", () => db.approximateSize(null, "z"));
    await tell("bad range", () => db.compactRange());
    const iterator = db.iterator();
    await iterator.close();
    await tell("next of a closed iterator", () => iterator.next());
    const chained = db.batch().put("a", "b");
    await chained.write();
    await tell("written twice", () => chained.write());
    await tell("put after write", () => chained.put("a", "b"));
    await tell("aborted", () => {
      const abort = new AbortController();
      const steps = db.iterator({ signal: abort.signal });
      abort.abort(new Error("enough"));
      return steps.next();
    });
    await tell("close twice at once", () => Promise.all([db.close(), db.close()]));
    await tell("open and close at once", () => Promise.allSettled([db.open(), db.close(), db.open()]));
    await tell("status", () => db.status);
    await db.close();
    const iteratorOfClosed = new Level(fresh("lazy")).iterator();
    await tell("iterator of one that opens itself", () => iteratorOfClosed.all());
    await iteratorOfClosed.db.close();
  },

  async unhandled() {
    const db = await opened("unhandled");
    await db.close();
    void db.put("a", "b");
    void db.get("a");
    void db.batch([]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    void new Level(db.location, { errorIfExists: true }).open();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const other = await opened("unhandled2");
    void new Level(other.location).put("a", "b");
    await new Promise((resolve) => setTimeout(resolve, 50));
    await other.close();
  },

  async names() {
    const db = await opened("names");
    for (const name of [
      "__proto__",
      "constructor",
      "a\nb",
      "é",
      "\ud800",
      "",
      "!",
      "x".repeat(1_000_000),
      "a!b",
      "\0",
      " ",
    ])
      await tell(`sublevel ${shown(name).slice(0, 20)}`, async () => {
        const sub = db.sublevel(name);
        await sub.put("k", "v");
        return [await sub.get("k"), sub.prefix.length, await sub.keys().all(), sub.path().length];
      });
    const many = Array.from({ length: 10_000 }, (_, i) => db.sublevel(`name${i}`));
    await Promise.all(many.map((sub, i) => sub.put("k", `${i}`)));
    await tell("many", async () => (await Promise.all(many.map((sub) => sub.get("k")))).length);
    await tell("all", async () => (await db.keys().all()).length);
    await db.close();
  },

  async events() {
    const db = new Level(fresh("events"));
    const log =
      (event) =>
      (...args) =>
        say(
          `event ${event} ${storage.getStore()} ${shown(args.map((arg) => (Array.isArray(arg) ? arg.map((each) => ({ ...each })) : typeof arg)))}`,
        );
    for (const event of EVENTS) db.on(event, log(event));
    await storage.run("opening", () => db.open());
    await storage.run("putting", () => db.put("a", "1"));
    await storage.run("deleting", () => db.del("a"));
    await storage.run("in a batch", () => db.batch([{ type: "put", key: "x", value: "y" }]));
    await storage.run("chained", () => db.batch().put("q", "r").del("x").write());
    await storage.run("clearing", () => db.clear());
    await tell("a listener that throws", () => {
      db.once("write", () => {
        throw new Error("of the listener");
      });
      return db.put("a", "b");
    });
    await storage.run("closing", () => db.close());
    await tell("listeners", () => EVENTS.map((event) => `${event}:${db.listenerCount(event)}`).join());
  },

  async contexts() {
    const db = await opened("contexts");
    // They end in the order in which the threads come to it.
    const ends = [];
    const after = async (what, act) =>
      storage.run(what, async () => {
        await act();
        ends.push(`${what} ends in ${storage.getStore()}`);
      });
    await Promise.all(
      [
        after("put", () => db.put("a", "b")),
        after("get", () => db.get("a")),
        after("keys", () => db.keys().all()),
        after("batch", () => db.batch([{ type: "put", key: "b", value: "c" }])),
        after("size", () => db.approximateSize("a", "z")),
        after("has", () => db.has?.("a")),
        after("compact", () => db.compactRange("a", "z")),
      ].map((each) => each.catch((error) => ends.push(described(error)))),
    );
    say(ends.sort((a, b) => (a < b ? -1 : 1)).join("\n"));
    const order = [];
    const note = (what) => () => order.push(what);
    await Promise.all([
      db.put("1", "1").then(note("put")),
      Promise.resolve().then(note("tick")),
      new Promise((resolve) => setImmediate(resolve)).then(note("immediate")),
    ]);
    say(order.join());
    await db.close();
  },

  async closing() {
    for (let round = 0; round < 5; round++) {
      const db = await opened(`closing${round}`);
      const work = [];
      for (let i = 0; i < 200; i++)
        work.push(db.put(`k${i}`, "v".repeat(100)), db.get(`k${i}`), db.keys({ limit: 3 }).all());
      const settled = Promise.allSettled(work);
      const closed = db.close();
      work.push(db.put("late", "x"));
      await tell("close", () => closed);
      const counts = new Map();
      for (const { status, reason } of [...(await settled), ...(await Promise.allSettled(work.slice(-1)))])
        counts.set(`${status} ${reason?.code}`, (counts.get(`${status} ${reason?.code}`) ?? 0) + 1);
      await tell("settled", () => [...counts].map(String).sort((a, b) => (a < b ? -1 : 1)));
      await db.open();
      await tell("there", async () => (await db.keys().all()).length);
      await db.close();
    }
  },

  async subclasses() {
    class Mine extends Level {
      _get(...args) {
        say("mine: get");
        return super._get(...args);
      }
      async _put() {
        throw new TypeError("mine: put");
      }
      _batch() {
        return "no promise";
      }
      _close() {
        say("mine: close");
        return super._close();
      }
      getProperty() {
        throw new Error("mine: property");
      }
      get location() {
        return super.location;
      }
    }
    const db = new Mine(fresh("mine"));
    await tell("open", () => db.open());
    await tell("get", () => db.get("a"));
    await tell("put", () => db.put("a", "b"));
    await tell("batch", () => db.batch([{ type: "put", key: "a", value: "b" }]));
    await tell("close", () => db.close());
    class Hidden extends Level {
      get status() {
        return "strange";
      }
    }
    await tell("hidden", async () => {
      const hidden = new Hidden(fresh("hidden"));
      await hidden.put("a", "b");
      return hidden.close();
    });
    const own = await opened("own");
    own._get = async () => "of its own";
    own.get = async () => "of the application";
    await tell("own", () => own.get("a"));
    await own.close();
    const proxied = new Proxy(await opened("proxied"), {});
    await tell("proxy put", () => proxied.put("a", "b"));
    await tell("proxy get", () => proxied.get("a"));
    await tell("proxy close", () => proxied.close());
    const frozen = await opened("frozen");
    await tell("freeze", () => Object.isFrozen(Object.freeze(frozen)));
    await tell("frozen put", () => frozen.put("a", "b"));
    await tell("frozen iterate", () => frozen.keys().all());
    await tell("frozen close", () => frozen.close());
  },

  async thousands() {
    for (let i = 0; i < 100; i++) {
      const db = new Level(fresh("thousands"));
      await db.put("a", `${i}`);
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
