/**
 * Instrumentation of a package that knows nothing of it: `node --import ./lru-cache.ts`, after the register. It observes
 * reads, writes and the asynchronous fetches of all caches of `lru-cache`.
 */
import type { LRUCache } from "lru-cache";
import { database, defineInstrumentation, observe, type ObservedOperation, type Probe } from "stratascope/instrument";

type Cache = LRUCache<object, object>;

const VERSIONS = ["11.5.0", "12.0.0"] as const;

/** Returns the number of records that a read returned. */
const present = (value: unknown): number => (value === undefined ? 0 : 1);
const one = (): number => 1;

/** Measures a method that returns its result at once. */
function observeCalls(probe: Probe, cache: Cache, name: "get" | "set", operation: ObservedOperation): void {
  const itemsOf = name === "get" ? present : one;
  probe.wrap(
    cache,
    name,
    (original) =>
      function observed(this: Cache, ...args: never[]): unknown {
        return operation.run(() => Reflect.apply(original, this, args) as unknown, itemsOf);
      },
  );
}

/** Measures `fetch`, which returns a promise. */
function observeFetches(probe: Probe, cache: Cache, operation: ObservedOperation): void {
  probe.pending(cache, "fetch", () => {
    const run = operation.begin();
    return {
      succeeded: (value) => run.succeeded(present(value)),
      failed: (error) => run.failed(error),
    };
  });
}

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
      observeCalls(probe, cache, "get", db.operation("read", { name: "get" }));
      observeCalls(probe, cache, "set", db.operation("write", { name: "set" }));
      observeFetches(probe, cache, db.operation("read", { name: "fetch" }));
    },
  }),
);
