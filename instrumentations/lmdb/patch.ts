import { types } from "node:util";
import type { Probe } from "../../src/instrument/probe.ts";
import { callOriginal } from "../../src/instrument/call-original.ts";
import type { AnyFunction } from "../../src/instrument/wrap.ts";
import { environmentOf } from "./environment.ts";
import { insideEngine, isInsideEngine } from "./inside.ts";
import { patchReads } from "./reads.ts";
import { patchSnapshots } from "./snapshots.ts";
import type { Store } from "./store.ts";
import { patchTransactions } from "./transactions.ts";
import { patchWrites } from "./writes.ts";

type Open = (path?: unknown, options?: unknown) => unknown;

interface Lmdb {
  readonly open: Open;
  readonly getLastVersion: unknown;
  readonly getLastTxnId: unknown;
  /** Shared by the copies of the package for CommonJS and for ES modules. */
  readonly nativeAddon: Addon;
}

/** Native code. A copy of the package whose `open` is not the one that is set here calls that one. */
interface Addon {
  open?: Open;
  getLastVersion?: unknown;
  getLastTxnId?: unknown;
}

/** Options of `open` that matter here. */
interface OpenOptions {
  readonly asClass?: boolean;
  readonly useWritemap?: boolean;
  readonly trackMetrics?: boolean;
}

const addons = new WeakSet<Addon>();

/**
 * Patches the package. The classes of its stores are made by each call of `open`. That cannot be replaced in an ES
 * module, but each copy of the package delegates to the one that was used first, by way of the native code: `open` of
 * the copy that is loaded first is put there, wrapped.
 */
export function patch(exports: unknown, probe: Probe): void {
  const { open, getLastVersion, getLastTxnId, nativeAddon: addon } = exports as Lmdb;
  if (addons.has(addon)) return;
  addons.add(addon);
  // A copy that was used before it was observed is the one that opens.
  const original = addon.open ?? open;
  addon.getLastVersion ??= getLastVersion;
  addon.getLastTxnId ??= getLastTxnId;
  const observed: Open = (path, options) => {
    // It calls itself only if it is the one that is set.
    addon.open = original;
    let opened: unknown;
    const given = probe.guard.attempt(() => withCounters(path, options)) ?? [path, options];
    try {
      opened = callOriginal(original, undefined, given, observed);
    } finally {
      addon.open = observed;
    }
    probe.attempt(() => observeOpened(opened, given, { isTracked: isTracked(path, options), probe }));
    return opened;
  };
  addon.open = observed;
}

const optionsIn = (path: unknown, options: unknown): OpenOptions | undefined => {
  const given = typeof path === "object" && !options ? path : options;
  return typeof given === "object" && given !== null ? given : undefined;
};

const isTracked = (path: unknown, options: unknown): boolean => optionsIn(path, options)?.trackMetrics !== undefined;

/** Tells whether the arguments cannot be copied: a proxy, and `null` alone, with which the engine throws. */
const isOdd = (path: unknown, options: unknown): boolean =>
  types.isProxy(path) || types.isProxy(options) || (path === null && !options);

/** Returns the arguments with the option by which the engine counts what it writes. */
function withCounters(path: unknown, options: unknown): [unknown, unknown] {
  if (isTracked(path, options) || isOdd(path, options)) return [path, options];
  if (typeof path === "object" && path !== null && !options) return [counting(path), undefined];
  if (options === undefined || options === null || typeof options === "object") return [path, counting(options ?? {})];
  return [path, options];
}

/** Returns a copy of options. Their getters, which the application may count on, are left to the engine. */
const counting = (options: object): object =>
  Object.create(Object.getPrototypeOf(options) as object | null, {
    ...Object.getOwnPropertyDescriptors(options),
    trackMetrics: { value: true, enumerable: true, configurable: true, writable: true },
  }) as object;

/** Store that `open` returned, or its class, and how it was opened. */
function observeOpened(
  opened: unknown,
  given: readonly [unknown, unknown],
  { isTracked: isKept, probe }: { isTracked: boolean; probe: Probe },
): void {
  const options = optionsIn(...given);
  const usesWritemap = options?.useWritemap === true;
  if (typeof opened === "function") return patchClass(opened.prototype as object, probe, usesWritemap);
  if (typeof opened !== "object" || opened === null) return;
  patchClass(Object.getPrototypeOf(opened) as object, probe, usesWritemap);
  // The engine puts its options on the store, where the application could see what it has not set.
  if (!isKept) delete (opened as Store).trackMetrics;
  if (probe.guard.enabled) environmentOf(opened as Store);
}

/** Patches the class of a store and those it extends. */
function patchClass(first: object, probe: Probe, usesWritemap: boolean): void {
  for (
    let prototype: object | null = first;
    prototype !== null && !Object.hasOwn(prototype, "listenerCount") && prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype) as object | null
  ) {
    patchReads(prototype, probe);
    patchWrites(prototype, probe);
    patchTransactions(prototype, probe, usesWritemap);
    patchSnapshots(prototype, probe);
    patchDatabases(prototype, probe, usesWritemap);
  }
}

function patchDatabases(prototype: object, probe: Probe, usesWritemap: boolean): void {
  if (Object.hasOwn(prototype, "openDB"))
    probe.wrap(
      prototype,
      "openDB",
      (original) =>
        function openDB(this: unknown, ...args: unknown[]): unknown {
          const call = (): unknown => callOriginal(original, this, args, openDB);
          // It writes the name of a new database in a transaction of its own.
          const store = isInsideEngine() ? call() : insideEngine(call);
          probe.attempt(() => {
            if (typeof store !== "object" || store === null) return;
            patchClass(Object.getPrototypeOf(store) as object, probe, usesWritemap);
            environmentOf(store as Store)?.opened(store as Store);
          });
          return store;
        } as AnyFunction,
    );
  if (Object.hasOwn(prototype, "close"))
    probe.pending(prototype, "close", (store: Store) => {
      const environment = store.isRoot === true ? environmentOf(store) : undefined;
      if (environment === undefined) return undefined;
      environment.closing();
      return { succeeded: () => environment.closed(), failed: () => environment.closed() };
    });
}
