import type * as Package from "lru-cache";
import { lruCache } from "../../../instrumentations/lru-cache/index.ts";
import { testEngine } from "../../conformance/engine.ts";
import { count } from "../../helpers/observed.ts";

type Module = typeof Package;
type Cache = Package.LRUCache<string, string>;

const filled = ({ LRUCache }: Module): Cache => {
  const cache = new LRUCache<string, string>({ max: 3 });
  for (const key of ["a", "b", "c"]) cache.set(key, `about ${key}`);
  return cache;
};

const fetching = ({ LRUCache }: Module): Cache =>
  new LRUCache<string, string>({
    max: 3,
    async fetchMethod(key) {
      if (key === "broken") throw new RangeError("nothing there");
      return `about ${key}`;
    },
  });

const remembering = ({ LRUCache }: Module, memoMethod: (key: string) => string): Cache =>
  new LRUCache<string, string>({ max: 3, memoMethod });

testEngine<Module>(lruCache, {
  observedObjects: ({ LRUCache }) => [LRUCache.prototype],
  throwing(module, error) {
    remembering(module, () => {
      throw error;
    }).memo("a");
  },
  perform({ LRUCache }, name, operations) {
    const { [name]: Named = LRUCache } = { [name]: class extends LRUCache<string, string> {} };
    const cache = new Named({ max: 3 });
    for (let i = 0; i < operations; i++) cache.get("nothing");
  },
  performed: (name) => count("storage.cache.requests", { "db.system.name": "lru-cache", "storage.cache.name": name }),
  exercises: {
    get: (module) => filled(module).get("a"),
    "get of nothing": (module) => filled(module).get("d"),
    "get with options": (module) => {
      const options = { allowStale: true };
      return filled(module).get("a", options);
    },
    "set that makes room": (module) => [...filled(module).set("d", "new").keys()],
    "set of nothing": (module) => [...filled(module).set("a", undefined).keys()],
    delete: (module) => [filled(module).delete("a"), filled(module).delete("nothing")],
    clear: (module) => {
      const cache = filled(module);
      return [cache.clear(), cache.size];
    },
    pop: (module) => {
      const cache = filled(module);
      return [cache.pop(), cache.pop(), cache.pop(), cache.pop()];
    },
    memo: (module) => {
      const cache = remembering(module, (key) => `about ${key}`);
      return [cache.memo("a"), cache.memo("a"), cache.memo("a", { forceRefresh: true })];
    },
    "memo without a method": (module) => filled(module).memo("a"),
    fetch: (module) => fetching(module).fetch("a"),
    "fetch without a method": (module) => filled(module).fetch("a"),
    "fetch that fails": (module) => fetching(module).fetch("broken"),
    "fetch with a message of the application": async (module) => {
      const status: Package.LRUCache.Status<string, string> = {};
      await fetching(module).fetch("a", { status });
      return [status.fetch, status.fetchUpdated];
    },
    "fetch with wrong options": (module) => fetching(module).fetch("a", null as never),
    forceFetch: (module) => fetching(module).forceFetch("a"),
    "forceFetch that fails": (module) => fetching(module).forceFetch("broken"),
    "a method of another object": ({ LRUCache }) => LRUCache.prototype.pop.call({}),
    "load of a dump": (module) => {
      const cache = filled(module);
      cache.load([["z", { value: "last" }]]);
      return [...cache.entries()];
    },
  },
});
