import { types } from "node:util";
import { callOriginal } from "../../src/instrument/call-original.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import { environmentOf } from "./environment.ts";
import { StoreClasses } from "./store-classes.ts";
import type { Store } from "./store.ts";

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
  const [classes, classesOfWritemaps] = [new StoreClasses(probe, false), new StoreClasses(probe, true)];
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
    probe.attempt(() => {
      const usesWritemap = optionsIn(...given)?.useWritemap === true;
      observeOpened(opened, usesWritemap ? classesOfWritemaps : classes, isTracked(path, options));
    });
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

/** Observes the store that `open` returned, or its class. */
function observeOpened(opened: unknown, classes: StoreClasses, isTracked: boolean): void {
  if (typeof opened === "function") return classes.observe(opened.prototype as object);
  if (typeof opened !== "object" || opened === null) return;
  classes.observe(Object.getPrototypeOf(opened) as object);
  // The engine puts its options on the store, where the application could see what it has not set.
  if (!isTracked) delete (opened as Store).trackMetrics;
  if (classes.isEnabled) environmentOf(opened as Store);
}
