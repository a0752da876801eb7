import type { Keyv } from "keyv";
import type { PendingCall, Probe } from "../../src/instrument/probe.ts";
import { Caches, type ObservedCache } from "../layers/cache.ts";

/** The namespace of a cache that was given none. */
const DEFAULT = "keyv";

const caches = new Caches<Keyv>({
  system: "keyv",
  reasons: [],
  nameOf: ({ namespace }) => (namespace === DEFAULT ? undefined : namespace),
  sizeOf: ({ store }: { readonly store: unknown }) => ({ entries: store instanceof Map ? store.size : undefined }),
});

/** Observes the methods by their results: whether there was a value, never what it was. */
export function patch(exports: unknown, probe: Probe): void {
  const { prototype } = (exports as { readonly Keyv: { readonly prototype: Keyv } }).Keyv;
  const has = (name: string): boolean => Object.hasOwn(prototype, name);
  // Earlier versions have fewer methods.
  for (const name of ["get", "getRaw"].filter(has)) {
    // A `get` of several keys calls `getMany`.
    probe.pending(prototype, name, (keyv: Keyv, [key]) => (Array.isArray(key) ? undefined : lookup(keyv, count)));
  }
  for (const name of ["getMany", "getManyRaw"].filter(has))
    probe.pending(prototype, name, (keyv: Keyv) => lookup(keyv, countAll));
  probe.pending(prototype, "set", (keyv: Keyv) => storing(keyv, (isStored) => (isStored === false ? 0 : 1)));
  probe.pending(prototype, "setMany", (keyv: Keyv, [entries]) =>
    // Otherwise it calls `set` for each entry.
    keyv.store?.setMany === undefined ? undefined : storing(keyv, (results) => storedOf(results, entries)),
  );
}

const ended = (): void => {};

const count = (cache: ObservedCache, value: unknown): void => (value === undefined ? cache.miss() : cache.hit());

const countAll = (cache: ObservedCache, values: unknown): void => {
  for (const value of values as unknown[]) count(cache, value);
};

function lookup(keyv: Keyv, counted: (cache: ObservedCache, result: unknown) => void): PendingCall | undefined {
  const cache = caches.alone(keyv);
  return cache && { succeeded: (result) => counted(cache, result), failed: ended };
}

function storing(keyv: Keyv, entriesOf: (result: unknown) => number): PendingCall | undefined {
  const cache = caches.alone(keyv);
  return cache && { succeeded: (result) => cache.stored(entriesOf(result)), failed: ended };
}

/** Returns how many entries were stored; not every store says so. */
const storedOf = (results: unknown, entries: unknown): number =>
  (Array.isArray(results) ? results : (entries as unknown[])).filter((result) => result !== false).length;
