import { now } from "../runtime/clock.ts";
import { Guard } from "../runtime/guard.ts";
import { follow, Iteration } from "./iteration.ts";
import { removeOwnFrames } from "../runtime/own-frames.ts";
import type { Scans } from "./scan-counter.ts";
import type { Operation } from "./operation.ts";
import { wrapMethod, type AnyFunction } from "./wrap.ts";

/** The operation a call performs; undefined for a call that is none. */
type OperationOf<This> = (self: This, argument: unknown) => Operation | undefined;

/** How the calls of a method are observed. */
interface Observation<This> {
  readonly operationOf: OperationOf<This>;
  /** The rows of a result, where a call may go by untimed because there are too many. */
  readonly rows?: (result: unknown, operation: Operation, self: unknown) => number;
  /** What is done with the result of a call that was timed. */
  // oxlint-disable-next-line max-params -- an object for each call would have to be collected
  readonly returned: (operation: Operation, result: unknown, nanoseconds: number, self: unknown) => void;
}

/** A call of a method that returns a promise, from before it is made. */
export interface PendingCall {
  /** What the method is called with. */
  readonly arguments: readonly unknown[];
  succeeded(result: unknown): void;
  /** The call threw, or its promise was rejected. */
  failed(error: unknown): void;
}

/**
 * The only tool a patch needs: observes calls without changing them. Value, error, `this`, `name`, `length`
 * and property flags stay what they were.
 */
export class Probe {
  readonly guard: Guard;
  #whenUsed: (() => void) | undefined;

  constructor(engine: string) {
    this.guard = new Guard(engine);
  }

  /** Runs code of ours so that its failure is not the application's. */
  attempt(code: () => void): void {
    this.guard.attempt(code);
  }

  /** Calls back when the application first uses what was patched before it asked for it. */
  whenUsed(callback: () => void): void {
    this.#whenUsed = callback;
  }

  /** Reports a use; to be called once for each connection or so. */
  used(): void {
    const callback = this.#whenUsed;
    this.#whenUsed = undefined;
    callback?.();
  }

  /** Replaces a method of an object by what `make` builds around it, once. */
  wrap(target: object, name: PropertyKey, make: (original: AnyFunction) => AnyFunction): void {
    wrapMethod(target, name, make);
  }

  /**
   * Measures the calls of a synchronous method.
   * @param rows number of rows a result stands for; told of the call, for what else its result is good for
   * @param scans asks an engine that tells what the operation scanned
   */
  // oxlint-disable-next-line max-params -- the last is for one engine
  method<This, Result>(
    target: object,
    name: string,
    operationOf: OperationOf<This>,
    rows: (result: Result, operation: Operation, self: This) => number,
    scans?: Scans<This & object>,
  ): void {
    this.#observe(target, name, {
      operationOf,
      rows: rows as Observation<This>["rows"] & {},
      returned: (operation, result, nanoseconds, self) => {
        const count = rows(result as Result, operation, self as This);
        const scanned = scans?.after(operation, self as This & object, nanoseconds);
        operation.succeeded(nanoseconds, count, scanned === undefined ? undefined : { scanned });
        if (operation.layer !== undefined) operation.layered({ nanoseconds, rows: count, failure: undefined, result });
      },
    });
  }

  /**
   * Measures a method that returns an iterator: one operation from the call to the end of the iteration. Its
   * duration is the time spent inside the engine, not what the application does between two values.
   */
  // oxlint-disable-next-line max-params -- the last is for one engine
  iterator<This>(target: object, name: string, operationOf: OperationOf<This>, scans?: Scans<This & object>): void {
    this.#observe(target, name, {
      operationOf,
      returned: (operation, iterator, nanoseconds, self) => {
        const scanned = scans && ((whole: number) => scans.after(operation, self as This & object, whole));
        follow(iterator as object, new Iteration(this.guard, operation, { nanoseconds, scanned }));
      },
    });
  }

  /** Tells of each call of a method before it is made. */
  before<This>(target: object, name: PropertyKey, called: (self: This) => void): void {
    this.wrap(target, name, (original) => {
      const { guard } = this;
      return function observed(this: This): unknown {
        try {
          called(this);
        } catch (error) {
          guard.failed(error);
        }
        return Reflect.apply(original, this, arguments) as unknown;
      } as AnyFunction;
    });
  }

  /** Tells of each call of a method that returned. */
  after<This, Result>(
    target: object,
    name: PropertyKey,
    returned: (self: This, result: Result, args: Iterable<unknown>) => void,
  ): void {
    this.wrap(target, name, (original) => {
      const { guard } = this;
      return function observed(this: This): unknown {
        const result: unknown = Reflect.apply(original, this, arguments);
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
   * Tells of each call of a method that returns a promise. The application gets the promise behind the engine's:
   * to listen to that one is to handle its rejection, and the application would never hear of `unhandledRejection`.
   * @param begin told of a call before it happens; undefined for one that is not observed
   */
  promise<This>(
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
      const settle = (self: This, call: PendingCall): Promise<unknown> => this.#settle(original, self, call);
      return function observed(this: This, ...args: unknown[]): unknown {
        const call = begun(this, args);
        return call === undefined ? Reflect.apply(original, this, args) : settle(this, call);
      } as AnyFunction;
    });
  }

  #settle(original: AnyFunction, self: unknown, call: PendingCall): Promise<unknown> {
    const fail = (error: unknown): never => {
      this.attempt(() => call.failed(error));
      throw error;
    };
    let promise;
    try {
      promise = Reflect.apply(original, self, call.arguments) as Promise<unknown>;
    } catch (error) {
      return fail(error);
    }
    return promise.then((result) => {
      this.attempt(() => call.succeeded(result));
      return result;
    }, fail);
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
            operation = operationOf(this as This, argument);
            operation?.before?.();
          } catch (error) {
            guard.failed(error);
          }
        }
        if (operation === undefined) return Reflect.apply(original, this, arguments);

        let result: unknown;
        if (rows !== undefined && operation.skipsTiming()) {
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

/** A call threw. @param nanoseconds undefined where it was not timed */
function fail(operation: Operation, error: unknown, nanoseconds: number | undefined): void {
  operation.failed(nanoseconds, error);
  if (operation.layer === undefined || nanoseconds === undefined) return;
  operation.layered({ nanoseconds, rows: 0, failure: operation.database.errorType(error), result: undefined });
}
