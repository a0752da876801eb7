import { subscribe } from "node:diagnostics_channel";
import { types } from "node:util";
import type { Scope } from "../recording/scope.ts";
import { now } from "../runtime/clock.ts";
import { Guard } from "../runtime/guard.ts";
import { callOriginal } from "./call-original.ts";
import { follow, Iteration } from "./iteration.ts";
import { followPromise } from "./follow-promise.ts";
import { removeOwnFrames } from "../runtime/own-frames.ts";
import type { Scans } from "./scan-counter.ts";
import { Operation } from "./operation.ts";
import { PendingOperation } from "./pending-operation.ts";
import { wrapMethod, type AnyFunction } from "./wrap.ts";

/** Returns the operation a call performs; undefined if it performs none. */
type OperationOf<This> = (self: This, argument: unknown) => AnyOperation | undefined;

/** Operation of an engine of ours, or of `stratascope/instrument`. */
export type AnyOperation = Operation | { readonly operation: Operation | undefined };

const internal = (operation: AnyOperation | undefined): Operation | undefined =>
  operation === undefined || operation instanceof Operation ? operation : operation.operation;

type RowsOf = (result: unknown, operation: Operation, self: unknown) => number;

/** Common forms of results: none, one record or undefined, a list, and a count of changes. */
export type Records = "none" | "one" | "length" | "changes";

const RECORDS: Readonly<Record<Records, RowsOf>> = {
  none: () => 0,
  one: (result) => (result === undefined ? 0 : 1),
  length: (result) => (result as unknown[]).length,
  changes: (result) => (result as { readonly changes: number }).changes,
};

/** Looks up the operation of an object once: for methods of which each object has one operation, such as a statement. */
export function perObject<This extends object | undefined>(
  find: (self: This) => AnyOperation | undefined,
): OperationOf<This> {
  const known = new WeakMap<object, Operation>();
  return (self) => {
    const before = known.get(self as object);
    if (before !== undefined) return before;
    const operation = internal(find(self));
    if (operation !== undefined) known.set(self as object, operation);
    return operation;
  };
}

/** Runs what an operation needs before a run. */
function prepare(operation: Operation): void {
  if (operation.before !== undefined) operation.before();
  if (operation.beforeAutocommit !== undefined && operation.database.scope === null) operation.beforeAutocommit();
}

/** Description of how the calls of a method are observed. */
interface Observation<This> {
  readonly operationOf: OperationOf<This>;
  /** Returns the number of rows of a result; set if calls may be left untimed at a high rate. */
  readonly rows?: RowsOf;
  /** Processes the result of a timed call. */
  // oxlint-disable-next-line max-params -- an object for each call would have to be collected
  readonly returned: (operation: Operation, result: unknown, nanoseconds: number, self: unknown) => void;
}

/** What some engines know of their iterators. */
interface IteratorOptions<This> {
  /** Queries how much the operation scanned. */
  readonly scans?: Scans<This & object> | undefined;
  /** Tells whether the next step asks the engine, which returns many rows at once. */
  readonly asks?: (iterator: object) => boolean;
  /** Receives each iteration; its iterator may have no way to end it early. */
  readonly began?: (self: This, iteration: Iteration) => void;
}

/** Call of a method that returns a promise, created before the call is made. */
export interface PendingCall {
  /** The arguments to call the method with; those of the application if omitted. */
  readonly arguments?: readonly unknown[];
  succeeded(result: unknown): void;
  /** Records that the call threw, or that its promise was rejected. */
  failed(error: unknown): void;
}

/**
 * The only tool a patch needs: it observes calls without changing them. The value, errors, `this`, `name`, `length` and
 * property flags are preserved.
 */
export class Probe {
  readonly guard: Guard;
  #whenUsed: (() => void) | undefined;

  constructor(engine: string) {
    this.guard = new Guard(engine);
  }

  /** Runs internal code without letting its failure reach the application. */
  attempt(code: () => void): void {
    this.guard.attempt(code);
  }

  /** Sets a callback for the first use of a module that was patched before the application loaded it. */
  whenUsed(callback: () => void): void {
    this.#whenUsed = callback;
  }

  /** Reports a use; call it once per connection or similar. */
  used(): void {
    const callback = this.#whenUsed;
    this.#whenUsed = undefined;
    callback?.();
  }

  /** Replaces a method of an object by the wrapper that `make` returns, once. */
  wrap(target: object, name: PropertyKey, make: (original: AnyFunction) => AnyFunction): void {
    wrapMethod(target, name, make);
  }

  /**
   * Measures the calls of a synchronous method.
   * @param records number of records of a result: a common form, or a function, which also receives the call itself
   * @param scans queries how much the operation scanned, for an engine that reports it
   */
  // oxlint-disable-next-line max-params -- the last is for one engine
  sync<This, Result>(
    target: object,
    name: string,
    operationOf: OperationOf<This>,
    records: Records | ((result: Result, operation: Operation, self: This) => number),
    scans?: Scans<This & object>,
  ): void {
    const rows = (typeof records === "string" ? RECORDS[records] : records) as RowsOf;
    this.#observe(target, name, {
      operationOf,
      rows,
      returned: (operation, result, nanoseconds, self) => {
        const count = rows(result, operation, self);
        const scanned = scans?.after(operation, self as This & object, nanoseconds);
        operation.succeeded(nanoseconds, count, scanned === undefined ? undefined : { scanned });
        if (operation.hook !== undefined)
          operation.reportToHook({ nanoseconds, rows: count, failure: undefined, result });
      },
    });
  }

  /**
   * Measures a method that returns an iterator: one operation from the call to the end of the iteration. Its duration
   * is the time spent in the engine, excluding the work of the application between two values.
   */
  // oxlint-disable-next-line max-params -- the last is for some engines
  iterator<This>(
    target: object,
    name: string,
    operationOf: OperationOf<This>,
    { scans, asks, began }: IteratorOptions<This> = {},
  ): void {
    this.#observe(target, name, {
      operationOf,
      returned: (operation, iterator, nanoseconds, self) => {
        const scanned = scans && ((whole: number) => scans.after(operation, self as This & object, whole));
        const iteration = new Iteration(this.guard, operation, { nanoseconds, scanned, asks });
        follow(iterator as object, iteration);
        began?.(self as This, iteration);
      },
    });
  }

  /** Calls back before each call of a method. */
  before<This>(target: object, name: PropertyKey, called: (self: This) => void): void {
    this.wrap(target, name, (original) => {
      const { guard } = this;
      return function observed(this: This): unknown {
        try {
          called(this);
        } catch (error) {
          guard.failed(error);
        }
        return callOriginal(original, this, arguments, observed);
      } as AnyFunction;
    });
  }

  /** Calls back after each call of a method that returned. */
  after<This, Result>(
    target: object,
    name: PropertyKey,
    returned: (self: This, result: Result, args: Iterable<unknown>) => void,
  ): void {
    this.wrap(target, name, (original) => {
      const { guard } = this;
      return function observed(this: This): unknown {
        const result: unknown = callOriginal(original, this, arguments, observed);
        try {
          returned(this, result as Result, arguments);
        } catch (error) {
          guard.failed(error);
        }
        return result;
      } as AnyFunction;
    });
  }

  /**
   * Observes each call of a method that may return a promise. The application receives a promise derived from the
   * engine's: listening to the engine's own would count as handling its rejection, and suppress `unhandledRejection`.
   * @param begin called before a call is made; returns undefined for a call that is not observed
   */
  pending<This>(
    target: object,
    name: string,
    begin: (self: This, args: readonly unknown[]) => PendingCall | undefined,
  ): void {
    this.wrap(target, name, (original) => {
      const begun = (self: This, args: readonly unknown[]): PendingCall | undefined => {
        let call: PendingCall | undefined;
        if (this.guard.enabled) this.attempt(() => (call = begin(self, args)));
        return call;
      };
      const settled = (result: unknown, call: PendingCall): unknown => this.settled(result, call);
      const { guard } = this;
      return function observed(this: This, ...args: unknown[]): unknown {
        const call = begun(this, args);
        let result;
        try {
          result = Reflect.apply(original, this, call?.arguments ?? args) as unknown;
        } catch (error) {
          guard.attempt(() => call?.failed(error));
          guard.attempt(() => removeOwnFrames(error, observed));
          throw error;
        }
        return call === undefined ? result : settled(result, call);
      } as AnyFunction;
    });
  }

  /**
   * Measures the calls of a method that returns a promise: each is an operation from the call to the end of its
   * promise, and blocks nothing meanwhile.
   * @param items returns the number of records of a result
   */
  // oxlint-disable-next-line max-params -- as `sync`
  async<This, Result>(
    target: object,
    name: string,
    operationOf: (self: This, args: readonly unknown[]) => AnyOperation | undefined,
    items?: (result: Result, self: This) => number,
    scopeOf?: (self: This, args: readonly unknown[]) => Scope | undefined,
  ): void {
    this.pending(target, name, (self: This, args) => {
      const operation = internal(operationOf(self, args));
      if (operation === undefined) return undefined;
      const run = new PendingOperation(operation, scopeOf?.(self, args));
      return {
        succeeded: (result) => run.succeeded(items?.(result as Result, self)),
        failed: (error) => run.failed(error),
      };
    });
  }

  /**
   * Changes the arguments of each call of a method: wraps callbacks, or adds options.
   * @param argumentsOf returns the arguments to use; it receives a copy
   */
  handler<This>(target: object, name: PropertyKey, argumentsOf: (self: This, args: unknown[]) => unknown[]): void {
    this.wrap(target, name, (original) => {
      const { guard } = this;
      return function observed(this: This, ...args: unknown[]): unknown {
        const changed = guard.enabled ? guard.attempt(() => argumentsOf(this, [...args])) : undefined;
        return callOriginal(original, this, changed ?? args, observed);
      } as AnyFunction;
    });
  }

  /** Subscribes to a diagnostics channel of Node.js or a package. */
  channel(name: string, handle: (message: unknown) => void): void {
    subscribe(name, this.guard.whileEnabled(handle));
  }

  /**
   * Makes a call that was begun before, and records its end: that of its promise, if it returns one.
   * @returns the result; a promise is derived as for `pending`
   */
  settle(code: () => unknown, call: PendingCall): unknown {
    let result;
    try {
      result = code();
    } catch (error) {
      this.attempt(() => call.failed(error));
      throw error;
    }
    return this.settled(result, call);
  }

  /**
   * Records the end of a call that has returned: that of its promise, if it returned one.
   * @returns the result; a promise is derived as for `pending`
   */
  settled(result: unknown, call: PendingCall): unknown {
    const failed = (error: unknown): void => this.attempt(() => call.failed(error));
    const succeeded = (value: unknown): void => this.attempt(() => call.succeeded(value));
    if (types.isPromise(result)) return followPromise(result, { succeeded, failed });
    succeeded(result);
    return result;
  }

  // oxlint-disable-next-line max-lines-per-function -- the hot path is one function on purpose
  #observe<This>(target: object, name: string, { operationOf, rows, returned }: Observation<This>): void {
    const { guard } = this;
    this.wrap(target, name, (original) => {
      // oxlint-disable-next-line complexity
      return function observed(this: unknown, argument?: unknown): unknown {
        let operation: Operation | undefined;
        if (guard.enabled) {
          try {
            operation = internal(operationOf(this as This, argument));
            if (operation !== undefined) prepare(operation);
          } catch (error) {
            guard.failed(error);
          }
        }
        if (operation === undefined) return callOriginal(original, this, arguments, observed);

        let result: unknown;
        if (rows !== undefined && operation.skipped > 0 && operation.skipsTiming()) {
          try {
            result = Reflect.apply(original, this, arguments);
          } catch (error) {
            guard.attempt(() => fail(operation, error, undefined));
            guard.attempt(() => removeOwnFrames(error, observed));
            throw error;
          }
          try {
            operation.repeated(rows(result, operation, this));
          } catch (error) {
            guard.failed(error);
          }
          return result;
        }

        const start = now();
        try {
          result = Reflect.apply(original, this, arguments);
        } catch (error) {
          const nanoseconds = Number(now() - start);
          if (operation.isControl) operation.start = start;
          guard.attempt(() => fail(operation, error, nanoseconds));
          guard.attempt(() => removeOwnFrames(error, observed));
          throw error;
        }
        const nanoseconds = Number(now() - start);
        if (operation.isControl) operation.start = start;
        try {
          returned(operation, result, nanoseconds, this);
        } catch (error) {
          guard.failed(error);
        }
        return result;
      } as AnyFunction;
    });
  }
}

/**
 * Records that a call threw.
 * @param nanoseconds undefined if it was not timed
 */
function fail(operation: Operation, error: unknown, nanoseconds: number | undefined): void {
  operation.failed(nanoseconds, error);
  if (operation.hook === undefined || nanoseconds === undefined) return;
  operation.reportToHook({ nanoseconds, rows: 0, failure: operation.database.errorType(error), result: undefined });
}
