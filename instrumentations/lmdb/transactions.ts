import { types } from "node:util";
import type { Context } from "@opentelemetry/api";
import {
  ATTR_STORAGE_LOCK_TYPE,
  METRIC_STORAGE_LOCK_WAIT_DURATION,
  STORAGE_LOCK_TYPE_VALUE_WRITE,
  type StorageTransactionMode,
} from "../../semconv/index.ts";
import { activeContext } from "../../src/context/active.ts";
import { callOriginal } from "../../src/instrument/call-original.ts";
import { followPromise } from "../../src/instrument/follow-promise.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import { Transaction } from "../../src/instrument/transaction.ts";
import type { AnyFunction } from "../../src/instrument/wrap.ts";
import { metricRegistry } from "../../src/metrics/registry.ts";
import { now } from "../../src/runtime/clock.ts";
import type { Guard } from "../../src/runtime/guard.ts";
import { environmentOf, type Environment } from "./environment.ts";
import { CONDITION_FAILED, isCommitFailure } from "./errors.ts";
import { callInside, isInsideEngine, outsideEngine } from "./inside.ts";
import { ABORT, type Methods, type Store, type WritePromise } from "./store.ts";

const lockWaits = metricRegistry.instrument(METRIC_STORAGE_LOCK_WAIT_DURATION);

/** Nanoseconds from which the time up to the callback counts as a wait; taking a free lock takes less. */
const MIN_WAIT_NS = 1e6;

/** Method that runs a callback in a write transaction. */
interface Kind {
  /** True if it is the lock that is waited for until the callback runs, and not the queue of the writes as well. */
  readonly isSync: boolean;
  /** True if an error of its callback, or what it returns, gives up its changes. */
  readonly isAbortable: boolean;
  /** Tells whether it begins a transaction of its own inside of another one; otherwise it becomes part of that. */
  readonly isChild: (flags: unknown) => boolean;
}

/** Flag of `transactionSync` by which it can be given up. */
const ABORTABLE = 1;

const kinds = (usesWritemap: boolean): Readonly<Record<string, Kind>> => {
  const sync: Kind = {
    isSync: true,
    isAbortable: true,
    isChild: (flags) => !usesWritemap && (flags === undefined || (Number(flags) & ABORTABLE) !== 0),
  };
  const async: Kind = { isSync: false, isAbortable: false, isChild: () => false };
  return {
    transactionSync: sync,
    transactionSyncStart: { ...sync, isChild: () => false },
    transaction: async,
    transactionAsync: async,
    childTransaction: { isSync: false, isAbortable: true, isChild: () => true },
  };
};

/** Returns what observes the transactions of stores. */
export const transactionMethods = (probe: Probe, usesWritemap: boolean): Methods =>
  Object.fromEntries([
    ...Object.entries(kinds(usesWritemap)).map(([name, kind]) => [name, observe(kind, probe)] as const),
    ...BATCHES.map(([name, at]) => [name, observeBatch(name, at, probe)] as const),
  ]);

/** Call of a method that runs a callback in a transaction, which begins with the callback. */
class TransactionCall {
  readonly #environment: Environment;
  readonly #kind: Kind;
  readonly #isChild: boolean;
  readonly #isInTransaction: boolean;
  readonly #start = now();
  /** The engine runs the callback in any context. */
  readonly #parent: Context = activeContext();
  #transaction: Transaction | undefined;
  #isReturned = false;
  #callbackEnd: bigint | undefined;

  constructor(environment: Environment, kind: Kind, { env }: Store, flags: unknown) {
    this.#environment = environment;
    this.#kind = kind;
    this.#isChild = kind.isChild(flags);
    this.#isInTransaction = Boolean(env!.writeTxn);
  }

  /** Begins the transaction, unless the callback becomes part of the one around it. */
  begin(): Transaction | undefined {
    const isNested = this.#isInTransaction && !this.#isReturned;
    if (isNested && !this.#isChild) return undefined;
    const mode: StorageTransactionMode = isNested ? "child" : "immediate";
    const { instance } = this.#environment;
    const waited = Number(now() - this.#start);
    if (this.#kind.isSync && !isNested && waited >= MIN_WAIT_NS)
      lockWaits
        .bind({ ...instance.attributes, [ATTR_STORAGE_LOCK_TYPE]: STORAGE_LOCK_TYPE_VALUE_WRITE })
        .record(waited);
    return (this.#transaction = new Transaction(instance, mode, { parent: this.#parent }));
  }

  /** Notes that the callback has ended: the rest is the commit. */
  ran(): void {
    this.#callbackEnd = now();
  }

  returned(): void {
    this.#isReturned = true;
  }

  succeeded(value: unknown): void {
    if (this.#kind.isAbortable && value === ABORT) return this.#transaction?.rolledBack();
    this.#committed();
  }

  failed(error: unknown): void {
    // The engine commits what was written before an error of the callback.
    if (!this.#kind.isAbortable && !isCommitFailure(error)) return this.#committed();
    this.#transaction?.failedBy(error);
  }

  #committed(): void {
    if (this.#transaction === undefined) return;
    if (this.#callbackEnd !== undefined) this.#environment.commits.record(Number(now() - this.#callbackEnd));
    this.#transaction.committed();
  }
}

/** Wraps the callback of a transaction. */
function running(probe: Probe, callback: Function, call: TransactionCall): Function {
  return function transacting(this: unknown, ...args: unknown[]): unknown {
    const inside = probe.guard.attempt(() => call.begin()?.enter());
    const code = (): unknown => outsideEngine(() => callOriginal(callback, this, args, transacting));
    const result = inside === undefined ? code() : inside(code);
    if (!types.isPromise(result)) probe.attempt(() => call.ran());
    return result;
  };
}

function observe(kind: Kind, probe: Probe): Methods[string] {
  const { guard } = probe;
  const begin = (store: Store, args: readonly unknown[]): TransactionCall | undefined => {
    const environment = typeof args[0] === "function" ? environmentOf(store) : undefined;
    return environment && new TransactionCall(environment, kind, store, args[1]);
  };
  return (original) =>
    function transact(this: Store, ...args: unknown[]): unknown {
      if (isInsideEngine() || !guard.enabled) return callOriginal(original, this, args, transact);
      const call = guard.attempt(() => begin(this, args));
      if (call === undefined) return callOriginal(original, this, args, transact);
      const [callback, ...rest] = args as [Function];
      const succeeded = (value: unknown): void => guard.attempt(() => call.succeeded(value));
      const failed = (error: unknown): void => guard.attempt(() => call.failed(error));
      let result: unknown;
      try {
        result = callInside(original, this, [running(probe, callback, call), ...rest]);
      } catch (error) {
        failed(error);
        throw error;
      }
      call.returned();
      if (types.isPromise(result)) return followPromise(result, { succeeded, failed });
      succeeded(result);
      return result;
    } as AnyFunction;
}

/** Methods that collect writes to make them together, and the index of the callback or the list of the writes. */
const BATCHES = [
  ["batch", 0],
  ["ifNoExists", 1],
  ["ifVersion", 2],
] as const;

/** Write in a list of them, as the engine takes it. */
interface Listed {
  readonly type: string;
  readonly key: unknown;
  readonly value: unknown;
}

/** Returns the callback for a list of writes, which does what the engine would do with it. */
function callbackOf(store: Store, writes: unknown): Function | undefined {
  if (typeof writes === "function") return writes;
  if (!Array.isArray(writes) || store.env!.writeTxn) return undefined;
  return () => {
    for (let i = 0, l = writes.length; i < l; i++) {
      const { type, key, value } = writes[i] as Listed;
      (store as unknown as Record<string, (key: unknown, value: unknown) => unknown>)[type]!(key, value);
    }
  };
}

/** Environment in which a callback collects writes now: what it begins there is part of the same transaction. */
let collectingIn: Environment | undefined;

/** Call of a method that collects writes. Inside of a transaction they are part of that. */
class BatchCall {
  readonly #probe: Probe;
  readonly #environment: Environment;
  readonly #transaction: Transaction | undefined;
  readonly #inside: (<T>(code: () => T) => T) | undefined;

  constructor(probe: Probe, environment: Environment, { env }: Store, mode: StorageTransactionMode) {
    this.#probe = probe;
    this.#environment = environment;
    this.#transaction = env!.writeTxn ? undefined : new Transaction(environment.instance, mode);
    this.#inside = this.#transaction?.enter();
  }

  collecting(callback: Function): Function {
    const inside = this.#inside;
    const environment = this.#environment;
    return function collected(this: unknown, ...args: unknown[]): unknown {
      const around = collectingIn;
      const code = (): unknown => outsideEngine(() => callOriginal(callback, this, args, collected));
      collectingIn = environment;
      try {
        return inside === undefined ? code() : inside(code);
      } finally {
        collectingIn = around;
      }
    };
  }

  /** Notes an error of the callback: the engine makes the writes that came before. */
  threw(): void {
    this.#transaction?.committed();
  }

  /** Follows what the engine has returned. */
  returned(promise: WritePromise): Promise<unknown> {
    const transaction = this.#transaction;
    if (transaction === undefined) {
      if (promise.result === false) this.#environment.conflicted();
      return promise;
    }
    return followPromise(promise, {
      succeeded: (value) => this.#probe.attempt(() => end(transaction, value)),
      failed: (error) => this.#probe.attempt(() => transaction.failedBy(error)),
    });
  }
}

function end(transaction: Transaction, value: unknown): void {
  if (value === false) transaction.conflicted("serialization", CONDITION_FAILED);
  else transaction.committed();
}

/**
 * Follows a condition among writes that are collected. Such calls can be nested as deep as the stack allows: there must
 * be few frames of ours.
 */
function followCondition(guard: Guard, environment: Environment, result: unknown): unknown {
  if (!types.isPromise(result)) return result;
  const succeeded = (value: unknown): void =>
    guard.attempt(() => (value === false ? environment.conflicted() : undefined));
  return followPromise(result, { succeeded, failed() {} });
}

/** Tells whether a callback collects writes for the environment of a store now. */
const isCollecting = (store: Store): boolean =>
  collectingIn !== undefined && collectingIn === environmentOf(store) && !store.env!.writeTxn;

function observeBatch(name: string, at: number, probe: Probe): Methods[string] {
  const { guard } = probe;
  const mode: StorageTransactionMode = name === "batch" ? "batch" : "optimistic";
  const begin = (store: Store): BatchCall | undefined => {
    const environment = environmentOf(store);
    return environment && new BatchCall(probe, environment, store, mode);
  };
  // oxlint-disable-next-line max-params
  const collect = (original: AnyFunction, self: Store, args: unknown[], wrapper: Function): unknown => {
    const callback = guard.attempt(() => callbackOf(self, args[at]));
    const call = callback && guard.attempt(() => begin(self));
    if (call === undefined) return callOriginal(original, self, args, wrapper);
    let result: unknown;
    try {
      result = callInside(original, self, args.with(at, call.collecting(callback!)));
    } catch (error) {
      guard.attempt(() => call.threw());
      throw error;
    }
    if (!types.isPromise(result)) return result;
    return guard.attempt(() => call.returned(result as WritePromise)) ?? result;
  };
  return (original) =>
    function collected(this: Store, ...args: unknown[]): unknown {
      if (isInsideEngine() || !guard.enabled) return Reflect.apply(original, this as never, args as never);
      if (guard.attempt(() => isCollecting(this)) !== true) return collect(original, this, args, collected);
      const environment = collectingIn!;
      const result: unknown = Reflect.apply(original, this as never, args as never);
      // The others call this one. Without a condition there is none to follow.
      if (name !== "ifVersion" || args[1] === undefined) return result;
      return guard.attempt(() => followCondition(guard, environment, result)) ?? result;
    } as AnyFunction;
}
