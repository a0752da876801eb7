// Scenarios of caches: lru-cache, keyv, cacheable.
"use strict";
const { LRUCache } = require("lru-cache");
const { Keyv } = require("keyv");
const { Cacheable } = require("cacheable");
const { described, main, methods, say, storage, tell } = require("./lib.cjs");

const later = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const scenarios = {
  async objects() {
    const lru = new LRUCache({ max: 3, ttl: 1e9, perf: { now: () => 1 } });
    lru.set("a", { b: 1 });
    lru.get("a");
    const keyv = new Keyv();
    await keyv.set("a", 1);
    const cacheable = new Cacheable();
    await cacheable.set("a", 1);
    for (const [name, object] of Object.entries({ lru, keyv, cacheable })) {
      await tell(`inspect ${name}`, () => object);
      await tell(`json ${name}`, () => JSON.stringify(object));
      await tell(`clone ${name}`, () => structuredClone(object));
      await tell(`keys ${name}`, () => Reflect.ownKeys(object).map(String).join());
      for (
        let prototype = Object.getPrototypeOf(object);
        prototype !== Object.prototype;
        prototype = Object.getPrototypeOf(prototype)
      )
        await tell(`methods ${name}`, () => methods(prototype).join("\n"));
    }
    await tell("entries", () => [[...lru.entries()], [...lru.keys()], lru.dump(), lru.info("a"), lru.size]);
    await tell("listeners", () => [keyv.eventNames?.(), cacheable.eventNames?.()]);
  },

  async lru() {
    const thrown = new RangeError("mine");
    const thrower = () => {
      throw thrown;
    };
    for (const [what, options] of Object.entries({
      "bad max": { max: -1 },
      "no limit": {},
      "bad method": { max: 1, fetchMethod: 1 },
      "bad size": { maxSize: 10, sizeCalculation: 1 },
    }))
      await tell(what, () => new LRUCache(options));
    const cache = new LRUCache({
      max: 2,
      dispose: (value, key, reason) => say(`dispose ${String(key)} ${reason}`),
      disposeAfter: (value, key, reason) => say(`after ${String(key)} ${reason}`),
      onInsert: (value, key, reason) => say(`insert ${String(key)} ${reason}`),
    });
    for (const key of ["a", "b", "c", "a"]) await tell(`set ${key}`, () => cache.set(key, key) === cache);
    await tell("set nothing", () => cache.set("a", undefined) === cache);
    await tell("get", () => [cache.get("a"), cache.get("b"), cache.get("c"), cache.has("c"), cache.peek("c")]);
    await tell("delete", () => [cache.delete("c"), cache.delete("c"), cache.pop(), cache.clear()]);
    await tell("destructured", () => {
      const { get } = cache;
      return get("a");
    });
    await tell("on another object", () => LRUCache.prototype.get.call({}, "a"));
    await tell("on a proxy", () => new Proxy(cache, {}).get("a"));
    await tell("null options", () => cache.get("a", null));
    await tell("frozen options", () => cache.get("a", Object.freeze({})));
    await tell("frozen set", () => cache.set("a", 1, Object.freeze({})));
    const sized = new LRUCache({ maxSize: 10, sizeCalculation: thrower });
    await tell("size throws", () => sized.set("a", 1));
    await tell("size is none", () => new LRUCache({ maxSize: 10, sizeCalculation: () => 0 }).set("a", 1));
    await tell("too large", () => new LRUCache({ maxSize: 10, sizeCalculation: () => 11 }).set("a", 1).size);
    await tell("dispose throws", () => {
      const disposing = new LRUCache({ max: 1, dispose: thrower });
      disposing.set("a", 1);
      disposing.set("b", 1);
    });
    await tell("size after", () => sized.size);
    const memo = new LRUCache({
      max: 2,
      memoMethod: (key) => {
        if (key === "x") throw thrown;
        return key;
      },
    });
    await tell("memo", () => [memo.memo("a"), memo.memo("a"), memo.memo("a", { forceRefresh: true })]);
    await tell("memo throws", () => memo.memo("x"));
    await tell("memo without", () => cache.memo("x"));
    await tell("memo inside of memo", () => {
      const nested = new LRUCache({ max: 5, memoMethod: (key) => (key > 0 ? nested.memo(key - 1) + 1 : 0) });
      return nested.memo(3);
    });
    const fetching = new LRUCache({
      max: 3,
      ttl: 10_000,
      fetchMethod: async (key, stale, { signal, options }) => {
        say(`fetch ${String(key)} in ${storage.getStore()} ${Object.keys(options).join()}`);
        await later(2);
        if (key === "x") throw thrown;
        return `${String(key)} ${signal.aborted}`;
      },
    });
    await tell("fetch", () => Promise.all([fetching.fetch("a"), fetching.fetch("a"), fetching.fetch("b")]));
    await tell("fetch throws", () => fetching.fetch("x"));
    await tell("fetch throws at once", () => new LRUCache({ max: 1, fetchMethod: thrower }).fetch("a"));
    await tell("fetch without", () => cache.fetch("a"));
    await tell("force", () => fetching.forceFetch("none", { context: 1 }));
    await tell("aborted", () => {
      const abort = new AbortController();
      const promise = fetching.fetch("q", { signal: abort.signal });
      abort.abort(new Error("enough"));
      return promise;
    });
    await tell("deleted meanwhile", async () => {
      const promise = fetching.fetch("d");
      fetching.delete("d");
      return promise;
    });
    await tell("same promise", () => {
      const promise = fetching.fetch("s");
      return [promise instanceof Promise, Reflect.ownKeys(promise).map(String).join(), fetching.size];
    });
    void fetching.fetch("x");
    await later(10);
    await tell("context", () =>
      storage.run("fetching", async () => {
        await fetching.fetch("c");
        return storage.getStore();
      }),
    );
    const order = [];
    await Promise.all([
      fetching.fetch("c").then(() => order.push("fetch")),
      Promise.resolve().then(() => order.push("tick")),
    ]);
    say(order.join());
    class Mine extends LRUCache {
      get(key) {
        return `mine ${super.get(key)}`;
      }
      set() {
        throw thrown;
      }
      get size() {
        throw new Error("mine: size");
      }
      get max() {
        throw new Error("mine: max");
      }
    }
    await tell("subclass", () => {
      const mine = new Mine({ max: 2 });
      return mine.get("a");
    });
    await tell("subclass set", () => new Mine({ max: 2 }).set("a", 1));
    class Nameless extends LRUCache {
      static get name() {
        throw new Error("no name");
      }
    }
    await tell("nameless", () => new Nameless({ max: 1 }).get("a"));
    await tell("no constructor", () => {
      const odd = new LRUCache({ max: 1 });
      Object.defineProperty(odd, "constructor", { value: undefined });
      return odd.get("a");
    });
    await tell("throwing constructor", () => {
      const odd = new LRUCache({ max: 1 });
      Object.defineProperty(odd, "constructor", { get: thrower });
      return [odd.get("a"), odd.set("a", 1).size];
    });
    await tell("frozen", () => {
      const frozen = Object.freeze(new LRUCache({ max: 2 }));
      frozen.set("a", 1);
      return frozen.get("a");
    });
    await tell("status of its own", () => {
      const status = {};
      cache.set("s", 1, { status });
      cache.get("s", { status });
      return Object.keys(status).sort();
    });
  },

  async keyv() {
    // The stack of a rejection lacks as many frames at its end as it had of ours.
    Error.stackTraceLimit = 30;
    const failing = {
      get() {
        throw new RangeError("store get");
      },
      set() {
        throw new RangeError("store set");
      },
      delete: async () => {
        throw new RangeError("store delete");
      },
      clear: async () => {},
      has: async () => false,
    };
    for (const options of [{}, { throwOnErrors: true }, { emitErrors: false }]) {
      const keyv = new Keyv({ store: failing, ...options });
      keyv.on("error", (error) => say(`error ${described(error)}`));
      await tell("get", () => keyv.get("a"));
      await tell("set", () => keyv.set("a", 1));
      await tell("many", () => keyv.getMany(["a", "b"]));
      await tell("delete", () => keyv.delete("a"));
    }
    const keyv = new Keyv({ namespace: "a\nb" });
    await tell("set", () => keyv.set("a", { b: 1 }));
    await tell("get", () =>
      Promise.all([
        keyv.get("a"),
        keyv.get(["a", "b"]),
        keyv.getMany(["a"]),
        keyv.getRaw?.("a").then((raw) => raw?.value),
        keyv.has("a"),
        keyv.get(undefined),
        keyv.getMany([]),
      ]),
    );
    await tell("bad many", () => keyv.getMany(5));
    await tell("bad setMany", () => keyv.setMany?.("text"));
    await tell("symbol", () => keyv.set("a", Symbol("s")));
    await tell("bigint", () => keyv.set("a", 1n));
    await tell("expired", async () => {
      await keyv.set("t", 1, 1);
      await later(5);
      return keyv.get("t");
    });
    await tell("iterate", async () => {
      const all = [];
      for await (const [key] of keyv.iterator()) all.push(key);
      return all;
    });
    await tell("hook throws", () => {
      const hooked = new Keyv();
      hooked.hooks.addHandler("preGet", () => {
        throw new Error("hook");
      });
      hooked.on("error", (error) => say(`error ${error.message}`));
      return hooked.get("a");
    });
    class Odd extends Keyv {
      get namespace() {
        throw new Error("no namespace");
      }
      set namespace(value) {}
      get store() {
        return undefined;
      }
      set store(value) {}
    }
    await tell("odd", () => new Odd().get("a"));
    await tell("frozen", () => Object.freeze(new Keyv()).get("a"));
    await tell("proxy", () => new Proxy(new Keyv(), {}).get("a"));
    await tell("disconnect", () => keyv.disconnect());
    await tell("bad store", () => new Keyv({ store: 5 }));
    await tell("getter store", () =>
      new Keyv({
        store: new Proxy(new Map(), {
          get(target, key) {
            if (key === "size") throw new Error("no size");
            const value = target[key];
            return typeof value === "function" ? value.bind(target) : value;
          },
        }),
      }).set("a", 1),
    );
  },

  async cacheable() {
    const cache = new Cacheable({ namespace: "names" });
    await tell("set", () => cache.set("a", 1));
    await tell("get", () =>
      Promise.all([
        cache.get("a"),
        cache.get("b"),
        cache.getMany(["a", "b"]),
        cache.has("a"),
        cache.take("a"),
        cache.delete("a"),
      ]),
    );
    await tell("getOrSet", () =>
      cache.getOrSet("k", async () => {
        say(`loads in ${storage.getStore()}`);
        return 5;
      }),
    );
    await tell("getOrSet throws", () =>
      cache.getOrSet(
        "x",
        async () => {
          throw new RangeError("mine");
        },
        { throwErrors: true },
      ),
    );
    await tell("getOrSet throws quietly", () =>
      cache.getOrSet("x", async () => {
        throw new RangeError("mine");
      }),
    );
    await tell("getOrSet of nothing", () => cache.getOrSet("y"));
    await tell("wrap", async () => {
      const wrapped = cache.wrap((n) => n * 2, { keyPrefix: "w" });
      return [typeof wrapped(2), wrapped.name, wrapped.length];
    });
    await tell("wrap throws", async () => {
      const wrapped = cache.wrap(
        async () => {
          throw new RangeError("mine");
        },
        { keyPrefix: "t" },
      );
      return wrapped(1);
    });
    await tell("setMany", () =>
      cache.setMany([
        { key: "1", value: 1 },
        { key: "2", value: 2 },
      ]),
    );
    await tell("bad setMany", () => cache.setMany("text"));
    await tell("stats", () => cache.stats.hits);
    const failing = new Cacheable({
      primary: new Keyv({
        store: {
          get: async () => {
            throw new Error("primary");
          },
          set: async () => {
            throw new Error("primary");
          },
          delete: async () => true,
          clear: async () => {},
        },
      }),
    });
    failing.on("error", (error) => say(`error ${error.message}`));
    await tell("failing get", () => failing.get("a"));
    await tell("failing set", () => failing.set("a", 1));
    await tell("clear", () => cache.clear());
    await tell("destructured", () => {
      const { get } = cache;
      return get("a");
    });
  },

  async thousands() {
    for (let i = 0; i < 5_000; i++) {
      const cache = new LRUCache({ max: 2 });
      cache.set("a", i);
      cache.get("b");
    }
    const Classes = Array.from({ length: 500 }, (_, i) => ({
      [`Class${"x".repeat(i % 70)}`]: class extends LRUCache {},
    }));
    await tell(
      "classes",
      () =>
        Classes.map((each) => {
          const [Class] = Object.values(each);
          return new Class({ max: 1 }).get("a");
        }).length,
    );
    await tell("keyvs", async () => {
      for (let i = 0; i < 2_000; i++) await new Keyv({ namespace: `n${i}` }).get("a");
    });
    await tell("done", () => 1);
  },
};

if (require.main === module) void main(scenarios);
