import type { Guard } from "../../src/runtime/guard.ts";
import { callOriginal } from "../../src/instrument/call-original.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import { unwrapMethod, type AnyFunction } from "../../src/instrument/wrap.ts";
import { environmentOf, knownEnvironmentOf, type Environment } from "./environment.ts";
import { insideEngine, isInsideEngine } from "./inside.ts";
import { readMethods } from "./reads.ts";
import { snapshotMethods } from "./snapshots.ts";
import type { Methods, Store } from "./store.ts";
import { transactionMethods } from "./transactions.ts";
import { writeMethods } from "./writes.ts";

/**
 * Observes the classes of stores. The engine makes them for each environment, and keeps them when it is closed: their
 * wrappers are made by functions that are there once, and taken off at the end.
 */
export class StoreClasses {
  readonly #probe: Probe;
  readonly #methods: Methods;

  /** @param usesWritemap true for those of environments with a writable map */
  constructor(probe: Probe, usesWritemap: boolean) {
    this.#probe = probe;
    this.#methods = {
      ...readMethods(probe),
      ...writeMethods(probe),
      ...transactionMethods(probe, usesWritemap),
      ...snapshotMethods(probe),
      openDB: (original) => this.#openDB(original),
      close: (original) => this.#close(original),
    };
  }

  get #guard(): Guard {
    return this.#probe.guard;
  }

  get isEnabled(): boolean {
    return this.#guard.enabled;
  }

  /** Observes a class and those it extends. */
  observe(first: object): void {
    for (const prototype of prototypesOf(first))
      for (const [name, make] of Object.entries(this.#methods))
        if (Object.hasOwn(prototype, name)) this.#probe.wrap(prototype, name, make);
  }

  #release(first: object): void {
    for (const prototype of prototypesOf(first))
      for (const name of Object.keys(this.#methods)) unwrapMethod(prototype, name);
  }

  #openDB(original: AnyFunction): AnyFunction {
    const opened = (root: Store, store: unknown): void => {
      if (typeof store !== "object" || store === null) return;
      const prototype = Object.getPrototypeOf(store) as object;
      this.observe(prototype);
      const environment = environmentOf(store as Store);
      environment?.collection(store as Store);
      // One with a cache has a class of its own.
      if (prototype !== Object.getPrototypeOf(root)) environment?.noteClass(prototype);
    };
    const guard = this.#guard;
    return function openDB(this: Store, ...args: unknown[]): unknown {
      const call = (): unknown => callOriginal(original, this, args, openDB);
      // It writes the name of a new database in a transaction of its own.
      const store = isInsideEngine() ? call() : insideEngine(call);
      guard.attempt(() => opened(this, store));
      return store;
    } as AnyFunction;
  }

  /** Also while nothing is observed: what was begun has to end. */
  #close(original: AnyFunction): AnyFunction {
    const probe = this.#probe;
    const begin = (store: Store): (() => void) | undefined => {
      if (store.isRoot !== true) return undefined;
      const environment = knownEnvironmentOf(store);
      environment?.closing();
      return () => this.#closed(store, environment);
    };
    return function close(this: Store, ...args: unknown[]): unknown {
      const call = (): unknown => callOriginal(original, this, args, close);
      const ended = probe.guard.attempt(() => begin(this));
      return ended === undefined ? call() : probe.settle(call, { succeeded: ended, failed: ended });
    } as AnyFunction;
  }

  #closed(root: Store, environment: Environment | undefined): void {
    environment?.closed();
    const classes = [Object.getPrototypeOf(root) as object, ...(environment?.classes() ?? [])];
    for (const prototype of classes) this.#release(prototype);
  }
}

/** Returns the prototypes of a class and of those it extends, without those of Node.js. */
function* prototypesOf(first: object): Iterable<object> {
  for (
    let prototype: object | null = first;
    prototype !== null && !Object.hasOwn(prototype, "listenerCount") && prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype) as object | null
  )
    yield prototype;
}
