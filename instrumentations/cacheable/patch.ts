import type { Cacheable } from "cacheable";
import type { PendingCall, Probe } from "../../src/instrument/probe.ts";
import { Caches, notePart, type CacheSize, type ObservedCache } from "../layers/cache.ts";

const caches = new Caches<Cacheable>({
  system: "cacheable",
  reasons: [],
  // A function that returns the namespace is the application's to call.
  nameOf: ({ namespace }) => namespace,
  sizeOf: ({ primary }) => sizeOf(primary.store),
});

/** Store in memory that is the first one unless the application has another. */
interface MemoryStore {
  readonly store?: { readonly size?: unknown; readonly lruSize?: unknown };
}

function sizeOf(store: unknown): CacheSize {
  if (store instanceof Map) return { entries: store.size };
  const { size, lruSize } = (store as MemoryStore | undefined)?.store ?? {};
  return {
    entries: typeof size === "number" ? size : undefined,
    entryLimit: typeof lruSize === "number" && lruSize > 0 ? lruSize : undefined,
  };
}

/** Returns what observes a cache, whose stores are no caches of their own. */
function observedOf(cache: Cacheable): ObservedCache {
  notePart(cache.primary);
  if (cache.secondary !== undefined) notePart(cache.secondary);
  return caches.of(cache);
}

/**
 * Observes the methods by their results, and the functions that load. `get` and `getMany` call `getRaw` and
 * `getManyRaw`; `take`, `getOrSet` and wrapped functions call `get` and `set`.
 */
export function patch(exports: unknown, probe: Probe): void {
  const { prototype } = (exports as { readonly Cacheable: { readonly prototype: Cacheable } }).Cacheable;
  probe.pending(prototype, "getRaw", (cache: Cacheable) => after(cache, count));
  probe.pending(prototype, "getManyRaw", (cache: Cacheable) =>
    after(cache, (observed, results) => {
      for (const result of results as unknown[]) count(observed, result);
    }),
  );
  probe.pending(prototype, "set", (cache: Cacheable) =>
    after(cache, (observed, isStored) => {
      if (isStored === true) observed.stored(1);
    }),
  );
  probe.pending(prototype, "setMany", (cache: Cacheable, [items]) =>
    after(cache, (observed, isStored) => {
      if (isStored === true) observed.stored((items as unknown[]).length);
    }),
  );
  for (const name of ["has", "hasMany", "delete", "deleteMany", "clear"])
    probe.before(prototype, name, (cache: Cacheable) => void observedOf(cache));
  probe.handler(prototype, "getOrSet", (cache: Cacheable, args) => withLoader(cache, args, 1, probe));
  probe.handler(prototype, "wrap", (cache: Cacheable, args) =>
    // A function that makes keys is given the one that is wrapped.
    (args[1] as { readonly createKey?: unknown } | undefined)?.createKey === undefined
      ? withLoader(cache, args, 0, probe)
      : args,
  );
}

const count = (cache: ObservedCache, result: unknown): void => (result ? cache.hit() : cache.miss());

function after(cache: Cacheable, counted: (observed: ObservedCache, result: unknown) => void): PendingCall | undefined {
  // A method can be called on anything.
  if (typeof cache !== "object") return undefined;
  const observed = observedOf(cache);
  return { succeeded: (result) => counted(observed, result), failed() {} };
}

/** Returns the arguments with a loader whose calls are followed. */
// oxlint-disable-next-line max-params
function withLoader(cache: Cacheable, args: unknown[], at: number, probe: Probe): unknown[] {
  const loader = args[at];
  if (typeof loader !== "function") return args;
  const observed = observedOf(cache);
  const box = { loader };
  probe.pending(box, "loader", () => {
    const run = observed.load();
    return { succeeded: () => run.succeeded(), failed: (error) => run.failed(error) };
  });
  args[at] = box.loader;
  return args;
}
