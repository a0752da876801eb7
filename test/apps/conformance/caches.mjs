/** The caches in memory, each with what can be seen of it. */
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";

// Not every supported version of Node.js has hooks for the copies that are ES modules.
const require = createRequire(import.meta.url);
const { Cacheable } = require("cacheable");
const { Keyv } = require("keyv");
const { LRUCache } = require("lru-cache");

const SECRETS = ["secret-key", "secret-value", "secret-error"];

/** A class of the application, whose name is that of the cache. */
class Thumbnails extends LRUCache {}

/** Caches stay alive to the end, where their sizes are polled. */
const kept = [];

const EXERCISES = {
  async "lru-cache"() {
    const cache = new Thumbnails({
      max: 3,
      async fetchMethod(key) {
        if (key === "broken") throw new RangeError("secret-error");
        return "secret-value";
      },
    });
    kept.push(cache);
    cache.set("secret-key", "secret-value");
    cache.set("secret-key", "secret-value 2");
    for (const key of ["b", "c", "d"]) cache.set(key, "secret-value");
    cache.get("d");
    cache.get("secret-key");
    cache.set("short", "secret-value", { ttl: 1 });
    await sleep(20);
    cache.get("short", { allowStale: true });
    cache.delete("d");
    cache.delete("nothing");
    await Promise.all([cache.fetch("e"), cache.fetch("e")]);
    await cache.fetch("e");
    await cache.fetch("broken").catch(() => undefined);
    return {
      name: "Thumbnails",
      requests: { hit: 2, miss: 3, stale: 1, inflight: 1 },
      writes: 7,
      evictions: { capacity: 2, ttl: 1, explicit: 1, replaced: 1 },
      entries: cache.size,
      limit: 3,
      loads: { "": 1, RangeError: 1 },
    };
  },

  async keyv() {
    const cache = new Keyv({ namespace: "sessions" });
    kept.push(cache);
    await cache.set("secret-key", "secret-value");
    await cache.setMany([
      { key: "b", value: 1 },
      { key: "c", value: 2 },
    ]);
    await cache.get("secret-key");
    await cache.get(["b", "nothing"]);
    await cache.getMany(["c", "nothing"]);
    await cache.get("nothing");
    await cache.delete("c");
    return {
      name: "sessions",
      requests: { hit: 3, miss: 3 },
      writes: 3,
      evictions: {},
      entries: 2,
      loads: {},
    };
  },

  async cacheable() {
    const cache = new Cacheable({ namespace: "pages" });
    kept.push(cache);
    await cache.set("secret-key", "secret-value");
    await cache.setMany([{ key: "b", value: 1 }]);
    await cache.get("secret-key");
    await cache.getMany(["b", "nothing"]);
    await cache.getOrSet("c", async () => "secret-value");
    await cache.getOrSet("c", async () => "secret-value");
    await cache.getOrSet("broken", async () => {
      throw new RangeError("secret-error");
    });
    const double = cache.wrap(async (number) => number * 2, { keyPrefix: "double" });
    await double(2);
    await double(2);
    return {
      name: "pages",
      requests: { hit: 4, miss: 4 },
      writes: 4,
      evictions: {},
      entries: 4,
      loads: { "": 2, RangeError: 1 },
    };
  },
};

/** @param _folder a folder that caches in memory do not need */
export async function exercise(_folder, system) {
  return { system, cache: await EXERCISES[system](), secrets: SECRETS };
}
