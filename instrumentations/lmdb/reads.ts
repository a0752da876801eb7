import type { Operation } from "../../src/instrument/operation.ts";
import { PendingOperation } from "../../src/instrument/pending-operation.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import { wrapperBy, type AnyFunction } from "../../src/instrument/wrap.ts";
import { OperationKind } from "../../src/recording/operation-kind.ts";
import { now } from "../../src/runtime/clock.ts";
import { Method } from "./environment.ts";
import { callInside, entered, insideEngine, isInsideEngine, left, outsideEngine, threw } from "./inside.ts";
import { rangeMethods } from "./ranges.ts";
import type { Methods, Store } from "./store.ts";

/** Reads of one record. */
const GETS = ["get", "getSync", "getEntry", "getBinary", "getBinaryFast", "getString", "getSharedBinary"];
/** Reads that return a number or a truth. */
const COUNTS = ["getCount", "getKeysCount", "getValuesCount", "doesExist"];
/** Reads that return a promise, unless they are given a callback: the index of that, and the number of their records. */
const ASYNCHRONOUS: Readonly<Record<string, readonly [callback: number, records: (result: unknown) => number]>> = {
  getAsync: [2, (value) => (value === undefined ? 0 : 1)],
  getMany: [1, (values) => (values as readonly unknown[]).filter((value) => value !== undefined).length],
  prefetch: [1, () => 0],
};

/** Returns what observes the reads of stores. */
export const readMethods = (probe: Probe): Methods =>
  Object.fromEntries([
    ...GETS.map((name) => [name, observeShort(name, probe, one)] as const),
    ...COUNTS.map((name) => [name, observeShort(name, probe, none)] as const),
    ...Object.entries(rangeMethods(probe)),
    ...Object.keys(ASYNCHRONOUS).map((name) => [name, observeAsynchronous(name, probe)] as const),
  ]);

/** Returns the number of records of a result. */
type Records = (result: unknown) => 0 | 1;

const one: Records = (result) => (result === undefined ? 0 : 1);
const none: Records = () => 0;

/** Observes a method that returns at once. */
function observeShort(name: string, { guard }: Probe, records: Records): Methods[string] {
  const method = new Method(OperationKind.READ, name);
  const operationOf = (store: Store, key: unknown): Operation | undefined => {
    try {
      return isOwn(store, key) ? method.of(store) : undefined;
    } catch (error) {
      guard.failed(error);
      return undefined;
    }
  };
  return (original) =>
    function read(this: Store, key?: unknown): unknown {
      if (isInsideEngine()) return Reflect.apply(original, this as never, arguments as never);
      const operation = guard.enabled ? operationOf(this, key) : undefined;
      const isTimed = operation !== undefined && !operation.skipsTiming();
      const start = isTimed ? now() : 0n;
      let result: unknown;
      entered();
      try {
        result = Reflect.apply(original, this as never, arguments as never);
      } catch (error) {
        guard.attempt(() => operation?.failed(isTimed ? Number(now() - start) : undefined, error));
        threw(error);
        throw error;
      } finally {
        left();
      }
      if (operation === undefined) return result;
      try {
        if (isTimed) operation.succeeded(Number(now() - start), records(result));
        else operation.repeated(records(result));
      } catch (error) {
        guard.failed(error);
      }
      return result;
    } as AnyFunction;
}

/** Tells whether a read is the application's: the decoder of the engine reads the structures of records. */
const isOwn = (store: Store | undefined, key: unknown): boolean =>
  key === undefined || key !== store?.sharedStructuresKey;

function observeAsynchronous(name: string, probe: Probe): Methods[string] {
  const [at, records] = ASYNCHRONOUS[name]!;
  const method = new Method(OperationKind.READ, name);
  const wrapper = wrapperBy(name, (target) => {
    probe.pending(target, name, (store: Store, args) => {
      const operation = method.of(store);
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
  });
  return (original) => {
    const observed = wrapper(original);
    return function outermost(this: unknown, ...args: unknown[]): unknown {
      if (!isInsideEngine()) return callInside(observed, this, args);
      const then = args[at];
      // `getMany` reads when `prefetch` calls back.
      const given = typeof then === "function" ? args.with(at, insideCallback(then)) : args;
      return Reflect.apply(original, this, given) as unknown;
    } as AnyFunction;
  };
}

const insideCallback = (callback: Function): Function =>
  function inside(this: unknown, ...results: unknown[]): unknown {
    return insideEngine(() => Reflect.apply(callback, this, results) as unknown);
  };
