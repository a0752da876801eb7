import { callOriginal } from "../../src/instrument/call-original.ts";
import { follow, Iteration } from "../../src/instrument/iteration.ts";
import type { Operation } from "../../src/instrument/operation.ts";
import { PendingOperation } from "../../src/instrument/pending-operation.ts";
import { perObject, type Probe } from "../../src/instrument/probe.ts";
import { wrapperOf, type AnyFunction } from "../../src/instrument/wrap.ts";
import { OperationKind } from "../../src/recording/operation-kind.ts";
import { now } from "../../src/runtime/clock.ts";
import { environmentOf } from "./environment.ts";
import { callInside, isInsideEngine, insideEngine, outsideEngine } from "./inside.ts";
import type { Store } from "./store.ts";

/** Reads of one record. */
const GETS = ["get", "getSync", "getEntry", "getBinary", "getBinaryFast", "getString", "getSharedBinary"];
/** Reads that return a number or a truth. */
const COUNTS = ["getCount", "getKeysCount", "getValuesCount", "doesExist"];
const RANGES = ["getRange", "getKeys", "getValues"];
/** Reads that return a promise, unless they are given a callback: the index of that, and the number of their records. */
const ASYNCHRONOUS: Readonly<Record<string, readonly [callback: number, records: (result: unknown) => number]>> = {
  getAsync: [2, (value) => (value === undefined ? 0 : 1)],
  getMany: [1, (values) => (values as readonly unknown[]).filter((value) => value !== undefined).length],
  prefetch: [1, () => 0],
};

/** Observes the reads of a class of stores. */
export function patchReads(prototype: object, probe: Probe): void {
  const has = (name: string): boolean => Object.hasOwn(prototype, name);
  for (const name of GETS.filter(has)) observeShort(prototype, name, probe, "one");
  for (const name of COUNTS.filter(has)) observeShort(prototype, name, probe, "none");
  for (const name of RANGES.filter(has)) observeRange(prototype, name, probe);
  for (const name of Object.keys(ASYNCHRONOUS).filter(has)) observeAsynchronous(prototype, name, probe);
}

const reading = (name: string): ((store: Store) => Operation | undefined) =>
  perObject((store: Store) => environmentOf(store)?.operation(store, OperationKind.READ, name)) as (
    store: Store,
  ) => Operation | undefined;

/** Observes a method that returns at once. */
// oxlint-disable-next-line max-params -- one method
function observeShort(prototype: object, name: string, probe: Probe, records: "one" | "none"): void {
  const operationOf = reading(name);
  probe.wrap(prototype, name, (original) => {
    const box = { [name]: original };
    probe.sync(box, name, (store: Store, key) => (isOwn(store, key) ? operationOf(store) : undefined), records);
    const observed = box[name]!;
    return function outermost(this: unknown): unknown {
      if (isInsideEngine()) return Reflect.apply(original, this, arguments) as unknown;
      return callInside(observed, this, arguments);
    } as AnyFunction;
  });
}

/** Tells whether a read is the application's: the decoder of the engine reads the structures of records. */
const isOwn = (store: Store | undefined, key: unknown): boolean =>
  Boolean(store?.env?.address) && (key === undefined || key !== store?.sharedStructuresKey);

interface Iterable {
  iterate: (...args: unknown[]) => unknown;
}

/**
 * Observes a method that returns something to iterate over, any number of times. Each iteration is one operation, from
 * the call that begins it to its end.
 */
function observeRange(prototype: object, name: string, probe: Probe): void {
  const operationOf = reading(name);
  const { guard } = probe;
  probe.wrap(
    prototype,
    name,
    (original) =>
      function range(this: Store, ...args: unknown[]): unknown {
        if (isInsideEngine()) return Reflect.apply(original, this, args) as unknown;
        const iterable = insideEngine(() => Reflect.apply(original, this, args) as Iterable);
        guard.attempt(() => observeIterations(probe, iterable, () => operationOf(this)));
        return iterable;
      } as AnyFunction,
  );
}

function observeIterations(probe: Probe, iterable: Iterable, operationOf: () => Operation | undefined): void {
  const { guard } = probe;
  const { iterate } = iterable;
  const make = (original: AnyFunction): AnyFunction =>
    function observed(this: unknown, ...options: unknown[]): unknown {
      const call = (): unknown => callOriginal(original, this, options, observed);
      const operation = guard.enabled ? guard.attempt(operationOf) : undefined;
      return operation === undefined ? call() : iterating(probe, operation, call);
    } as AnyFunction;
  iterable.iterate = wrapperOf(iterate as AnyFunction, make) as Iterable["iterate"];
}

function iterating(probe: Probe, operation: Operation, call: () => unknown): unknown {
  const start = now();
  let iterator;
  try {
    iterator = call();
  } catch (error) {
    probe.attempt(() => operation.failed(Number(now() - start), error));
    throw error;
  }
  const nanoseconds = Number(now() - start);
  probe.attempt(() => follow(iterator as object, new Iteration(probe.guard, operation, { nanoseconds })));
  return iterator;
}

function observeAsynchronous(prototype: object, name: string, probe: Probe): void {
  const [at, records] = ASYNCHRONOUS[name]!;
  const operationOf = reading(name);
  probe.wrap(prototype, name, (original) => {
    const box = { [name]: original };
    probe.pending(box, name, (store: Store, args) => {
      const operation = operationOf(store);
      if (operation === undefined) return undefined;
      const run = new PendingOperation(operation);
      const callback = args[at];
      const failed = (error: unknown): void => run.failed(error);
      if (typeof callback !== "function")
        return { succeeded: (result: unknown) => run.succeeded(records(result)), failed };
      const ended = function ended(this: unknown, ...results: unknown[]): unknown {
        // The last argument: `getAsync` passes no error before it.
        probe.attempt(() => run.succeeded(records(results.at(-1) ?? (name === "getMany" ? [] : undefined))));
        return outsideEngine(() => Reflect.apply(callback, this, results) as unknown);
      };
      return { arguments: args.with(at, ended), succeeded() {}, failed };
    });
    const observed = box[name]!;
    return function outermost(this: unknown, ...args: unknown[]): unknown {
      if (!isInsideEngine()) return callInside(observed, this, args);
      const then = args[at];
      // `getMany` reads when `prefetch` calls back.
      const given = typeof then === "function" ? args.with(at, insideCallback(then)) : args;
      return Reflect.apply(original, this, given) as unknown;
    } as AnyFunction;
  });
}

const insideCallback = (callback: Function): Function =>
  function inside(this: unknown, ...results: unknown[]): unknown {
    return insideEngine(() => Reflect.apply(callback, this, results) as unknown);
  };
