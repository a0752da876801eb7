import type { LRUCache } from "lru-cache";
import { callOriginal } from "../../src/instrument/call-original.ts";
import { followPromise } from "../../src/instrument/follow-promise.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import type { AnyFunction } from "../../src/instrument/wrap.ts";
import { now } from "../../src/runtime/clock.ts";
import { Caches, type CacheLoad, type CacheSize, type ObservedCache } from "../layers/cache.ts";
import { classNameOf } from "../layers/named-groups.ts";

type Cache = LRUCache<object, object>;

/** What the package says about one call. Its key and its value are never read. */
interface Message {
  readonly op?: string;
  readonly cache: Cache;
  readonly get?: string;
  readonly set?: string;
  readonly fetch?: string;
  readonly memo?: string;
  readonly delete?: string;
  readonly returnedStale?: boolean;
  readonly fetchUpdated?: boolean;
  readonly fetchError?: unknown;
}

const CLASS = "LRUCache";
const CLASSES: ReadonlySet<string> = new Set([CLASS]);

const caches = new Caches<Cache>({
  system: "lru-cache",
  reasons: ["capacity", "ttl", "explicit", "replaced"],
  nameOf: (cache) => classNameOf(cache, CLASSES),
  sizeOf({ size, max, calculatedSize, maxSize, sizeCalculation }): CacheSize {
    const isSized = maxSize > 0 || sizeCalculation !== undefined;
    return {
      entries: size,
      entryLimit: max > 0 ? max : undefined,
      bytes: isSized ? calculatedSize : undefined,
      byteLimit: maxSize > 0 ? maxSize : undefined,
    };
  },
});

/** Prototypes that are patched. */
const patched = new WeakSet<Cache>();

/** True if the call of `memo` that runs now found nothing. */
let memoMissed = false;

/**
 * Observes the caches of a class by the channel of the package, and by its methods what the channel does not say. The
 * tracing channel of `fetch` is left alone: with a subscriber, the package handles each rejection itself, and the
 * `unhandledRejection` of the application does not occur.
 */
export function patch(exports: unknown, probe: Probe): void {
  const { [CLASS]: Class } = exports as { readonly [CLASS]: { new (): Cache; readonly prototype: Cache } };
  const { prototype } = Class;
  if (patched.has(prototype)) return;
  patched.add(prototype);
  probe.channel("lru-cache:metrics", (message) => {
    if ((message as Message).cache instanceof Class) called(message as Message);
  });
  probe.after(prototype, "delete", (cache: Cache, wasThere: boolean) => {
    if (wasThere) removed(cache, 1);
  });
  probe.before(prototype, "clear", (cache: Cache) => removed(cache, cache.size));
  patchPop(prototype, probe);
  patchMemo(prototype, probe);
  for (const name of ["fetch", "forceFetch"]) patchFetch(prototype, name, probe);
}

function removed(cache: Cache, entries: number): void {
  if (entries === 0) return;
  const observed = caches.of(cache);
  observed.evicted("explicit", entries);
  observed.changed(-entries);
}

const isFull = ({ size, max, maxSize }: Cache): boolean => maxSize > 0 || (max > 0 && size >= max);

/** Accounts for entries that were added, and for those that made room. */
function added(cache: Cache, observed: ObservedCache, entries: number): void {
  observed.changed(entries);
  observed.settle(cache.size, isFull(cache));
}

function called(message: Message): void {
  const { op, cache } = message;
  if (op === "get") lookedUp(caches.of(cache), message.get, message);
  else if (op === "set") stored(cache, message.set);
  else if (op === "delete") deleting(cache, message.delete);
  else if (op === "memo" && message.memo === "miss") memoMissed = true;
  else if (op === "memo") caches.of(cache).hit();
}

/** Counts a lookup. The application may use one message for many calls, and what earlier ones set stays in it. */
function lookedUp(observed: ObservedCache, result: string | undefined, { returnedStale }: Message): void {
  if (result === "hit") return observed.hit();
  const isExpired = result === "stale" || result === "stale-fetching" || result === "inflight";
  if (isExpired && returnedStale === true) return observed.found("stale");
  if (result === "inflight") return observed.found("inflight");
  // `get` of an entry that is being fetched returns nothing: a miss for its caller.
  observed.miss();
}

/** Counts a `set`: it says `miss` of an entry that is too large, and `deleted` if there was no value. */
function stored(cache: Cache, how: string | undefined): void {
  const observed = caches.of(cache);
  if (how === "add" || how === "replace" || how === "update") observed.stored(1);
  if (how === "replace") observed.evicted("replaced");
  added(cache, observed, how === "add" ? 1 : 0);
}

/** Counts an entry that is about to leave; a `delete` of the application may find none, and is counted after it. */
function deleting(cache: Cache, reason: string | undefined): void {
  if (reason !== "expire" && reason !== "fetch") return;
  const observed = caches.of(cache);
  // A fetch that fails had the place of an entry, and was none.
  if (reason === "expire") observed.evicted("ttl");
  observed.changed(-1);
}

function patchPop(prototype: Cache, probe: Probe): void {
  const { guard } = probe;
  probe.wrap(prototype, "pop", (original) => {
    return function observed(this: Cache): unknown {
      const before = guard.enabled ? guard.attempt(() => this.size) : undefined;
      const value: unknown = Reflect.apply(original, this, arguments);
      if (before !== undefined) guard.attempt(() => removed(this, before - this.size));
      return value;
    } as AnyFunction;
  });
}

/** Follows the calls of `memo`, which load at once what the cache does not have. */
function patchMemo(prototype: Cache, probe: Probe): void {
  const { guard } = probe;
  probe.wrap(prototype, "memo", (original) => {
    return function observed(this: Cache, ...args: unknown[]): unknown {
      if (!guard.enabled) return Reflect.apply(original, this, args);
      const outer = memoMissed;
      memoMissed = false;
      const start = now();
      let value: unknown;
      try {
        value = callOriginal(original, this, args, observed);
        if (memoMissed) guard.attempt(() => memoized(this, start, value === undefined, args[1] as MemoOptions));
      } catch (error) {
        guard.attempt(() => memoFailed(this, start, error));
        throw error;
      } finally {
        memoMissed = outer;
      }
      return value;
    } as AnyFunction;
  });
}

interface MemoOptions {
  readonly forceRefresh?: boolean;
  readonly noDeleteOnStaleGet?: boolean;
}

// oxlint-disable-next-line max-params
function memoized(cache: Cache, start: bigint, isNothing: boolean, options: MemoOptions = {}): void {
  const { forceRefresh = false, noDeleteOnStaleGet = cache.noDeleteOnStaleGet } = options;
  const observed = caches.of(cache);
  // A load that was asked for is no lookup.
  if (!forceRefresh) observed.miss();
  observed.load(start).succeeded();
  if (isNothing) return;
  observed.stored(1);
  // What it took the place of is not known.
  added(cache, observed, forceRefresh || noDeleteOnStaleGet ? 0 : 1);
}

/** Counts a call that threw: its load did, if there is one. */
function memoFailed(cache: Cache, start: bigint, error: unknown): void {
  if (cache.memoMethod === undefined) return;
  const observed = caches.of(cache);
  observed.miss();
  observed.load(start).failed(error);
}

interface FetchOptions {
  readonly allowStale?: boolean;
  /** Written by the package while its channel has a subscriber, before `fetch` returns. */
  readonly status?: Message;
}

/** Follows the fetches that load. */
function patchFetch(prototype: Cache, name: string, probe: Probe): void {
  const { guard } = probe;
  probe.wrap(prototype, name, (original) => {
    return function observed(this: Cache, key: unknown, options: FetchOptions = {}): unknown {
      const start = now();
      const promise = Reflect.apply(original, this, [key, options] as never) as Promise<unknown>;
      if (!guard.enabled) return promise;
      try {
        const { status } = options;
        if (status !== undefined) return fetched(this, { status, options, start }, promise, probe);
      } catch (error) {
        guard.failed(error);
      }
      return promise;
    } as AnyFunction;
  });
}

/** Fetch that has begun. */
interface Fetch {
  readonly status: Message;
  readonly options: FetchOptions;
  readonly start: bigint;
}

/** Counts a fetch, and its load at its end. */
// oxlint-disable-next-line max-params
function fetched(cache: Cache, fetch: Fetch, promise: Promise<unknown>, { guard }: Probe): Promise<unknown> {
  const { status } = fetch;
  const observed = caches.of(cache);
  // Without a method to load by, it is a `get`. A load that was asked for is no lookup.
  if (status.fetch !== "refresh") lookedUp(observed, status.fetch === "get" ? status.get : status.fetch, status);
  // The promise takes the place of the entry.
  if (status.fetch === "miss") added(cache, observed, 1);
  if (!isLoad(cache, fetch)) return promise;
  const load = observed.load(fetch.start);
  const { fetchError: former } = status;
  return followPromise(promise, {
    succeeded: () =>
      guard.attempt(() => {
        const { fetchError } = status;
        // The value of before can be returned in place of an error.
        if (fetchError !== undefined && fetchError !== former) load.failed(fetchError);
        else loaded(cache, observed, status, load);
      }),
    failed: (error) => guard.attempt(() => load.failed(error)),
  });
}

/** Tells whether the promise is the load of this call: not a value of before, nor the load of another call. */
function isLoad(cache: Cache, { status: { fetch, returnedStale }, options }: Fetch): boolean {
  if (fetch === "stale") return returnedStale !== true;
  if (fetch === "refresh") return !(options.allowStale ?? cache.allowStale);
  return fetch === "miss";
}

// oxlint-disable-next-line max-params
function loaded(cache: Cache, observed: ObservedCache, status: Message, load: CacheLoad): void {
  load.succeeded();
  if (status.fetchUpdated !== true) return;
  observed.stored(1);
  if (status.set === "replace") observed.evicted("replaced");
  added(cache, observed, 0);
}
