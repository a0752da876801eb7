import { types } from "node:util";
import { callOriginal } from "../../src/instrument/call-original.ts";
import { followPromise } from "../../src/instrument/follow-promise.ts";
import type { Operation } from "../../src/instrument/operation.ts";
import { PendingOperation } from "../../src/instrument/pending-operation.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import type { AnyFunction } from "../../src/instrument/wrap.ts";
import { now } from "../../src/runtime/clock.ts";
import type { Guard } from "../../src/runtime/guard.ts";
import { OperationKind } from "../../src/recording/operation-kind.ts";
import { collectionOf, Method, type Environment } from "./environment.ts";
import { callInside, isInsideEngine, outsideEngine } from "./inside.ts";
import { IF_EXISTS, type Methods, type Store, type WritePromise } from "./store.ts";

type Arguments = readonly unknown[];

/** Method that writes. */
interface Write {
  /** Number of records that it changes if it succeeds. */
  readonly records: 0 | 1;
  /** First argument that can be a callback. */
  readonly callback: number;
  /** Tells whether it is made only if a condition on what is stored is met. */
  readonly isConditional?: (store: Store, args: Arguments) => boolean;
}

function isConditionalPut(_: Store, [, , options, ifVersion]: Arguments): boolean {
  if (typeof ifVersion === "number" || ifVersion === null) return true;
  if (typeof options !== "object" || options === null) return false;
  const given = options as { readonly ifVersion?: unknown; readonly noOverwrite?: unknown };
  return Boolean(given.noOverwrite) || given.ifVersion !== undefined;
}

const isConditionalRemove = ({ useVersions }: Store, [, ifVersion]: Arguments): boolean =>
  useVersions === true && typeof ifVersion === "number" && ifVersion !== IF_EXISTS;

const PUT: Write = { records: 1, callback: 2, isConditional: isConditionalPut };
const REMOVE: Write = { records: 1, callback: 1, isConditional: isConditionalRemove };
const CLEAR: Write = { records: 0, callback: 0 };

const WRITES: Readonly<Record<string, Write>> = {
  put: PUT,
  putSync: PUT,
  remove: REMOVE,
  del: REMOVE,
  removeSync: REMOVE,
  clearAsync: CLEAR,
  clearSync: CLEAR,
  drop: CLEAR,
  dropSync: CLEAR,
};

/** Returns what observes the writes of stores. */
export const writeMethods = (probe: Probe): Methods =>
  Object.fromEntries(Object.entries(WRITES).map(([name, write]) => [name, observe(name, write, probe)]));

/** One call of a method that writes. */
class WriteCall extends PendingOperation {
  readonly #write: Write;
  readonly #environment: Environment;
  readonly #isConditional: boolean;
  /** True if an explicit transaction makes the write. */
  readonly #isInTransaction: boolean;

  // oxlint-disable-next-line max-params -- an object for each write would have to be collected
  constructor(operation: Operation, write: Write, environment: Environment, store: Store, args: Arguments) {
    super(operation);
    this.#write = write;
    this.#environment = environment;
    this.#isConditional = write.isConditional?.(store, args) === true;
    this.#isInTransaction = Boolean(store.env!.writeTxn) || this.scope !== null;
  }

  /** Records that the engine has made the write before it returned. */
  returned(result: unknown): void {
    const { nanoseconds } = this;
    this.#succeeded(result, nanoseconds, nanoseconds);
    if (!this.#isInTransaction) this.#environment.wroteAlone(nanoseconds, undefined);
  }

  threw(error: unknown): void {
    this.failed(error, this.nanoseconds);
  }

  /** Records that the engine has made a write that it had queued. */
  committed(result: unknown, nanoseconds: number): void {
    this.#succeeded(result, 0, nanoseconds);
    if (!this.#isInTransaction) this.#environment.wrote(nanoseconds, undefined);
  }

  rejected(error: unknown): void {
    const { nanoseconds } = this;
    this.failed(error, 0, nanoseconds);
    if (!this.#isInTransaction) this.#environment.wrote(nanoseconds, this.#environment.instance.errorType(error));
  }

  #succeeded(result: unknown, blocked: number, nanoseconds: number): void {
    this.succeeded(result === false ? 0 : this.#write.records, blocked, nanoseconds);
    if (result === false && this.#isConditional) this.#environment.conflicted();
  }
}

/** Writes that end with the same promise, which the engine gives to all of one turn of the event loop. */
interface Queued {
  readonly calls: WriteCall[];
  readonly promise: Promise<unknown>;
  /** The promise that the application has. */
  derived: Promise<unknown>;
}

const queued = new WeakMap<Promise<unknown>, Queued>();

/** The writes that were queued last: most are of the same turn. */
let last: Queued | undefined;

function queue(guard: Guard, promise: Promise<unknown>, call: WriteCall): Promise<unknown> {
  const known = queued.get(promise);
  if (known !== undefined) {
    known.calls.push(call);
    return known.derived;
  }
  const writes: Queued = { calls: [call], promise, derived: promise };
  last = writes;
  queued.set(promise, writes);
  const each = (end: (call: WriteCall) => void): void => {
    // Some promises of the engine are there for good.
    queued.delete(promise);
    if (last === writes) last = undefined;
    for (const one of writes.calls) {
      try {
        end(one);
      } catch (error) {
        guard.failed(error);
      }
    }
  };
  writes.derived = followPromise(promise, {
    succeeded(value) {
      const end = now();
      each((one) => one.committed(value, Number(end - one.start)));
    },
    failed: (error) => each((one) => one.rejected(error)),
  });
  return writes.derived;
}

/** Returns the index of the callback in the arguments; -1 if there is none. */
function callbackIn(args: Arguments, from: number): number {
  for (let at = from; at < args.length; at++) if (typeof args[at] === "function") return at;
  return -1;
}

/** Returns the arguments with a callback that ends the call. */
function withCallback(args: Arguments, at: number, guard: Guard, call: WriteCall): Arguments {
  const callback = args[at] as Function;
  const run = (error: unknown, value: unknown): void =>
    error instanceof Error ? call.rejected(error) : call.committed(value, call.nanoseconds);
  return args.with(at, function ended(this: unknown, ...results: unknown[]) {
    guard.attempt(() => run(results[0], results[1]));
    return outsideEngine(() => Reflect.apply(callback, this, results) as unknown);
  });
}

function observe(name: string, write: Write, { guard }: Probe): Methods[string] {
  const method = new Method(OperationKind.WRITE, name);
  const begin = (store: Store, args: Arguments): WriteCall | undefined => {
    try {
      const collection = collectionOf(store);
      if (collection === undefined) return undefined;
      return new WriteCall(method.in(collection), write, collection.environment!, store, args);
    } catch (error) {
      guard.failed(error);
      return undefined;
    }
  };
  /** Records the end of a call, or has it recorded. */
  const returned = (result: unknown, call: WriteCall): unknown => {
    if (last !== undefined && last.promise === result) {
      last.calls.push(call);
      return last.derived;
    }
    if (!types.isPromise(result)) {
      call.returned(result);
      return result;
    }
    const { isSync, result: value } = result as WritePromise;
    if (isSync !== true) return queue(guard, result, call);
    call.returned(value);
    return result;
  };
  return (original) =>
    function written(this: Store, ...args: unknown[]): unknown {
      if (isInsideEngine()) return Reflect.apply(original, this as never, args as never);
      const call = guard.enabled ? begin(this, args) : undefined;
      if (call === undefined) return callOriginal(original, this, args, written);
      const callback = callbackIn(args, write.callback);
      const given = callback < 0 ? args : withCallback(args, callback, guard, call);
      let result: unknown;
      try {
        result = callInside(original, this, given);
      } catch (error) {
        guard.attempt(() => call.threw(error));
        throw error;
      }
      if (callback >= 0 && !types.isPromise(result)) return result;
      try {
        return returned(result, call);
      } catch (error) {
        guard.failed(error);
        return result;
      }
    } as AnyFunction;
}
