/**
 * Instrumentation of a package that does not report itself: `node --import ./lru-cache.ts`, after the register. It observes
 * reads, writes and the asynchronous fetches of all caches of `lru-cache`.
 */
import type { LRUCache } from "lru-cache";
import { database, defineInstrumentation, observe } from "stratascope/instrument";

type Cache = LRUCache<object, object>;

const VERSIONS = ["11.5.0", "12.0.0"] as const;

/** Returns the number of records that a fetch returned. */
const present = (value: unknown): number => (value === undefined ? 0 : 1);

observe(
  defineInstrumentation({
    id: "lru-cache",
    // One copy for `require`, one for `import`.
    modules: [
      { name: "lru-cache", file: "dist/commonjs/node/index.min.js", versions: VERSIONS },
      { name: "lru-cache", file: "dist/esm/node/index.min.js", versions: VERSIONS },
    ],
    layers: ["operation"],
    patch(exports, probe) {
      const cache = (exports as { LRUCache: { prototype: Cache } }).LRUCache.prototype;
      // All caches of the process are one database: they have no names.
      const db = database({ system: "lru-cache", namespace: "caches" });
      const [get, set, fetch] = [
        db.operation("read", { name: "get" }),
        db.operation("write", { name: "set" }),
        db.operation("read", { name: "fetch" }),
      ];
      probe.sync(cache, "get", () => get, "one");
      probe.sync(
        cache,
        "set",
        () => set,
        () => 1,
      );
      probe.async(cache, "fetch", () => fetch, present);
    },
  }),
);
