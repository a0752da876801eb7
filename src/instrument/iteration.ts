import { types } from "node:util";
import { now } from "../runtime/clock.ts";
import { LongOpen } from "../insights/long-open.ts";
import type { Instance } from "../recording/instance.ts";
import { blockedFor } from "../insights/thresholds.ts";
import type { Operation, RunDetails } from "./operation.ts";
import { removeOwnFrames } from "../runtime/own-frames.ts";
import type { Guard } from "../runtime/guard.ts";
import type { PendingOperation } from "./pending-operation.ts";
import { followPromise } from "./follow-promise.ts";
import { begin, end, type Unfinished } from "./unfinished.ts";
import { wrapMethod, wrapperOf, type AnyFunction } from "./wrap.ts";

/**
 * Number of initial steps that are each timed, since timing costs a third of a step. In a longer iteration every
 * sixteenth step is timed; it stands for the others, and the duration is marked as estimated.
 */
const TIMED_STEPS = 16;
const TIMED_INTERVAL = 16;

/** Call that creates an iterator. */
interface FirstCall {
  readonly nanoseconds: number;
  /** False if a short iteration is not timed; true by default. */
  readonly isTimed?: boolean;
  /** Returns the number of records scanned by an iteration of the given duration, if the engine reports it. */
  readonly scanned?: ((nanoseconds: number) => number | undefined) | undefined;
  /** Run that the iteration is, if other code runs between its steps: it remembers the context it began in. */
  readonly run?: PendingOperation;
  /** Tells whether the next step asks the engine, if that returns many rows at once: only such steps are timed. */
  readonly asks?: ((iterator: object) => boolean) | undefined;
}

/** Iteration over the result of a statement: an operation that ends with the last value the application takes. */
export class Iteration implements Unfinished {
  readonly #operation: Operation;
  readonly #start = now();
  readonly #guard: Guard;
  readonly #interval: LongOpen;
  readonly #scanned: FirstCall["scanned"];
  readonly #run: PendingOperation | undefined;
  readonly #isTimed: boolean;
  readonly #asks: FirstCall["asks"];
  #nanoseconds = 0;
  #blocked = 0;
  #timings = 0;
  #rows = 0;
  #isFinished = false;

  constructor(guard: Guard, operation: Operation, first: FirstCall) {
    const { nanoseconds, isTimed = true, scanned, run, asks } = first;
    this.#guard = guard;
    this.#operation = operation;
    this.#scanned = scanned;
    this.#run = run;
    this.#isTimed = isTimed;
    this.#asks = asks;
    this.#interval = new LongOpen(operation.database, operation.info, this.#start, false);
    this.spent(nanoseconds, 1);
    begin(this);
  }

  get database(): Instance {
    return this.#operation.database;
  }

  /** Time since which it holds a snapshot open; undefined before its first row, as it may not hold one until then. */
  get reading(): bigint | undefined {
    return this.#rows > 0 ? this.#start : undefined;
  }

  /** Returns the number of steps that the timing of the next one stands for; 0 if it is not timed. */
  weight(iterator: object): number {
    if (this.#asks !== undefined) return this.#asks(iterator) ? 1 : 0;
    if (this.#rows < TIMED_STEPS) return this.#isTimed ? 1 : 0;
    if (this.#rows % TIMED_INTERVAL > 0) return 0;
    // The first steps of an iteration whose beginning was not timed are assumed to be like this one.
    return this.#rows === TIMED_STEPS && !this.#isTimed ? TIMED_STEPS + TIMED_INTERVAL : TIMED_INTERVAL;
  }

  /** Adds the duration of a step, which also stands for others that were not timed. */
  spent(nanoseconds: number, weight: number): void {
    this.#nanoseconds += nanoseconds * weight;
    this.#timings++;
    this.#blocked += blockedFor(nanoseconds);
  }

  /** Adds the duration of an asynchronous step, during which the event loop was free. */
  waited(nanoseconds: number, weight: number): void {
    this.#nanoseconds += nanoseconds * weight;
  }

  /** @param result what `next` returned: an iterator of the application may return anything */
  stepped(result: IteratorResult<unknown> | undefined): void {
    try {
      if (this.#interval.needsCallSite) this.#interval.used();
      if (result?.done === true) this.finish();
      else this.#rows++;
    } catch (error) {
      this.#guard.failed(error);
    }
  }

  finish(): void {
    const isShort = this.#rows <= TIMED_STEPS;
    const isEstimated = !isShort && (this.#asks === undefined || !this.#isTimed);
    const operation = isEstimated ? this.#operation.estimated() : this.#operation;
    this.#end(() => {
      if (isShort && !this.#isTimed) return operation.repeated(this.#rows);
      if (this.#run !== undefined) return this.#run.succeeded(this.#rows, this.#blocked, this.#nanoseconds);
      operation.succeeded(this.#nanoseconds, this.#rows, this.#details());
      this.#reportToHook(undefined);
    });
  }

  /**
   * Records that a step threw.
   * @param wrapper the function that the application called
   */
  fail(error: unknown, wrapper: Function): void {
    this.#guard.attempt(() => removeOwnFrames(error, wrapper));
    this.#end(() => {
      if (this.#run !== undefined) return this.#run.failed(error, this.#blocked, this.#nanoseconds);
      this.#operation.failed(this.#isTimed ? this.#nanoseconds : undefined, error, this.#details());
      this.#reportToHook(this.#operation.database.errorType(error));
    });
  }

  #details(): RunDetails {
    return {
      start: this.#start,
      blocked: this.#blocked,
      timings: this.#timings,
      scanned: this.#scanned?.(this.#nanoseconds),
    };
  }

  #reportToHook(failure: string | undefined): void {
    const run = { start: this.#start, nanoseconds: this.#nanoseconds, rows: this.#rows, failure, result: undefined };
    if (this.#operation.hook !== undefined) this.#operation.reportToHook(run);
  }

  #end(report: () => void): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    end(this);
    this.#guard.attempt(() => {
      report();
      this.#interval.end(Number(now() - this.#start));
    });
  }
}

const iterations = new WeakMap<object, Iteration>();

/** Tracks an iterator to its end. */
export function follow(iterator: object, iteration: Iteration): void {
  iterations.set(iterator, iteration);
  // In Node.js 22 each iterator has own methods.
  const owner = Object.hasOwn(iterator, "next") ? iterator : (Object.getPrototypeOf(iterator) as object);
  wrapMethod(owner, "next", observeNext);
  if (Object.hasOwn(owner, "return")) wrapMethod(owner, "return", observeReturn);
}

/** Tells whether an iterator can be tracked: once, by methods of its own. */
export const canFollow = (iterator: object): boolean =>
  !iterations.has(iterator) &&
  Object.isExtensible(iterator) &&
  typeof (iterator as Partial<Iterator<unknown>>).next === "function";

/**
 * Tracks an iterator whose methods many others share, such as that of a generator, by methods of its own. `return` and
 * `throw` are optional, and an iterator without them stays without.
 */
export function followAlone(iterator: object, iteration: Iteration): void {
  iterations.set(iterator, iteration);
  for (const [name, observe] of [
    ["next", observeNext],
    ["return", observeReturn],
    ["throw", observeNext],
  ] as const) {
    const original = (iterator as Record<string, unknown>)[name];
    if (typeof original !== "function") continue;
    const value = wrapperOf(original as AnyFunction, observe);
    Object.defineProperty(iterator, name, { value, configurable: true, writable: true });
  }
}

/** Returns the nanoseconds since the start of a step; 0 if it is not timed. */
const elapsed = (start: bigint): number => (start === 0n ? 0 : Number(now() - start));

function observeNext(original: AnyFunction): AnyFunction {
  return function next(this: object): unknown {
    const iteration = iterations.get(this);
    if (iteration === undefined) return Reflect.apply(original, this, arguments);
    const weight = iteration.weight(this);
    const start = weight === 0 ? 0n : now();
    let result;
    try {
      result = Reflect.apply(original, this, arguments) as IteratorResult<unknown>;
    } catch (error) {
      iteration.spent(elapsed(start), weight);
      iteration.fail(error, next);
      throw error;
    }
    if (types.isPromise(result)) return stepping(iteration, result as Promise<IteratorResult<unknown>>, start, weight);
    iteration.spent(elapsed(start), weight);
    iteration.stepped(result);
    return result;
  };
}

/** Follows one step of an asynchronous iterator. */
// oxlint-disable-next-line max-params -- one step
function stepping(
  iteration: Iteration,
  step: Promise<IteratorResult<unknown>>,
  start: bigint,
  weight: number,
): Promise<IteratorResult<unknown>> {
  return followPromise(step, {
    succeeded(result) {
      iteration.waited(elapsed(start), weight);
      iteration.stepped(result as IteratorResult<unknown>);
    },
    failed(error) {
      iteration.waited(elapsed(start), weight);
      iteration.fail(error, stepping);
    },
  }) as Promise<IteratorResult<unknown>>;
}

function observeReturn(original: AnyFunction): AnyFunction {
  return function end(this: object): unknown {
    try {
      return Reflect.apply(original, this, arguments);
    } finally {
      iterations.get(this)?.finish();
    }
  };
}
