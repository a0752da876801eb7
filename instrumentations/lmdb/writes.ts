import { types } from "node:util";
import { callOriginal } from "../../src/instrument/call-original.ts";
import { followPromise } from "../../src/instrument/follow-promise.ts";
import type { Operation } from "../../src/instrument/operation.ts";
import { PendingOperation } from "../../src/instrument/pending-operation.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import type { AnyFunction } from "../../src/instrument/wrap.ts";
import { OperationKind } from "../../src/recording/operation-kind.ts";
import { environmentOf, Method, type Environment } from "./environment.ts";
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

/** What is the same for all calls of a method on a store. */
interface Kind {
  readonly probe: Probe;
  readonly write: Write;
  readonly operation: Operation;
}

/** One call of a method that writes. */
class WriteCall {
  readonly #probe: Probe;
  readonly #write: Write;
  readonly #environment: Environment;
  readonly #run: PendingOperation;
  readonly #isConditional: boolean;
  /** True if an explicit transaction makes the write. */
  readonly #isInTransaction: boolean;

  // oxlint-disable-next-line max-params -- one call
  constructor({ probe, write, operation }: Kind, environment: Environment, store: Store, args: Arguments) {
    this.#probe = probe;
    this.#write = write;
    this.#environment = environment;
    this.#run = new PendingOperation(operation);
    this.#isConditional = write.isConditional?.(store, args) === true;
    this.#isInTransaction = Boolean(store.env!.writeTxn) || this.#run.scope !== null;
  }

  /** Returns the arguments with a callback that ends the call. */
  withCallback(args: Arguments): Arguments {
    let at = this.#write.callback;
    while (at < args.length && typeof args[at] !== "function") at++;
    if (at >= args.length) return args;
    const callback = args[at] as Function;
    const run = (error: unknown, value: unknown): void =>
      error instanceof Error ? this.failedQueued(error) : this.succeededQueued(value);
    const probe = this.#probe;
    return args.with(at, function ended(this: unknown, ...results: unknown[]) {
      probe.attempt(() => run(results[0], results[1]));
      return outsideEngine(() => Reflect.apply(callback, this, results) as unknown);
    });
  }

  /** Records that the engine has made the write before it returned. */
  returned(result: unknown): void {
    const { nanoseconds, start } = this.#run;
    this.#succeeded(result, nanoseconds);
    if (!this.#isInTransaction) this.#environment.wroteAlone(start, undefined);
  }

  threw(error: unknown): void {
    this.#run.failed(error, this.#run.nanoseconds);
  }

  /** Records that the engine has made a write that it had queued. */
  succeededQueued(result: unknown): void {
    this.#succeeded(result, 0);
    if (!this.#isInTransaction) this.#environment.wrote(this.#run.start, undefined);
  }

  failedQueued(error: unknown): void {
    this.#run.failed(error);
    if (!this.#isInTransaction) this.#environment.wrote(this.#run.start, this.#environment.instance.errorType(error));
  }

  #succeeded(result: unknown, blocked: number): void {
    this.#run.succeeded(result === false ? 0 : this.#write.records, blocked);
    if (result === false && this.#isConditional) this.#environment.conflicted();
  }
}

/** Writes that end with the same promise, which the engine gives to all of one turn of the event loop. */
interface Queued {
  readonly calls: WriteCall[];
  readonly promise: Promise<unknown>;
}

const queued = new WeakMap<Promise<unknown>, Queued>();

function queue(probe: Probe, promise: Promise<unknown>, call: WriteCall): Promise<unknown> {
  const known = queued.get(promise);
  if (known !== undefined) {
    known.calls.push(call);
    return known.promise;
  }
  const calls = [call];
  const each = (end: (call: WriteCall) => void): void => {
    // Some promises of the engine are there for good.
    queued.delete(promise);
    for (const one of calls) {
      try {
        end(one);
      } catch (error) {
        probe.guard.failed(error);
      }
    }
  };
  const derived = followPromise(promise, {
    succeeded: (value) => each((one) => one.succeededQueued(value)),
    failed: (error) => each((one) => one.failedQueued(error)),
  });
  queued.set(promise, { calls, promise: derived });
  return derived;
}

function observe(name: string, write: Write, probe: Probe): Methods[string] {
  const { guard } = probe;
  const method = new Method(OperationKind.WRITE, name);
  const begin = (store: Store, args: Arguments): WriteCall | undefined => {
    const operation = method.of(store);
    return operation && new WriteCall({ probe, write, operation }, environmentOf(store)!, store, args);
  };
  return (original) =>
    function written(this: Store, ...args: unknown[]): unknown {
      if (isInsideEngine() || !guard.enabled) return Reflect.apply(original, this, args) as unknown;
      const call = guard.attempt(() => begin(this, args));
      if (call === undefined) return callOriginal(original, this, args, written);
      const given = guard.attempt(() => call.withCallback(args)) ?? args;
      let result: unknown;
      try {
        result = callInside(original, this, given);
      } catch (error) {
        guard.attempt(() => call.threw(error));
        throw error;
      }
      if (types.isPromise(result)) {
        const { isSync, result: value } = result as WritePromise;
        if (isSync !== true) return guard.attempt(() => queue(probe, result as Promise<unknown>, call)) ?? result;
        guard.attempt(() => call.returned(value));
      } else if (given === args) guard.attempt(() => call.returned(result));
      return result;
    } as AnyFunction;
}
