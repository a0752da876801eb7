import { now } from "../runtime/clock.ts";
import { LongOpen } from "../insights/long-open.ts";
import type { Database } from "../recording/instance.ts";
import { blockedFor } from "../insights/thresholds.ts";
import type { Operation, RunDetails } from "./operation.ts";
import { removeOwnFrames } from "../runtime/own-frames.ts";
import type { Guard } from "../runtime/guard.ts";
import { wrapMethod, type AnyFunction } from "./wrap.ts";

/**
 * Timing a step costs a third of what the step does. The first ones are timed each; of a longer iteration every
 * sixteenth is, which stands for the others, and its duration is marked as estimated.
 */
const TIMED_STEPS = 16;
const INTERVAL = 16;

/** Unfinished iterations remembered; an application that abandons more has the oldest counted as ended. */
const MAX_UNFINISHED = 1_000;
const unfinished = new Set<Iteration>();

/** The call that makes an iterator. */
interface FirstCall {
  readonly nanoseconds: number;
  /** Asks what an iteration that took so many nanoseconds scanned, where the engine tells. */
  readonly scanned: ((nanoseconds: number) => number | undefined) | undefined;
}

/** One pass over the result of a statement: an operation that ends with the last value the application takes. */
export class Iteration {
  readonly #operation: Operation;
  readonly #start = now();
  readonly #guard: Guard;
  readonly #held: LongOpen;
  readonly #scanned: FirstCall["scanned"];
  #nanoseconds = 0;
  #blocked = 0;
  #rows = 0;
  #isFinished = false;

  constructor(guard: Guard, operation: Operation, { nanoseconds, scanned }: FirstCall) {
    this.#guard = guard;
    this.#operation = operation;
    this.#scanned = scanned;
    this.#held = new LongOpen(operation.database, operation.info, this.#start, false);
    this.spent(nanoseconds, 1);
    if (unfinished.size >= MAX_UNFINISHED) unfinished.values().next().value?.finish();
    unfinished.add(this);
  }

  get database(): Database {
    return this.#operation.database;
  }

  /** When it began to hold a view of the data open; undefined before its first row, for until then it may hold none. */
  get reading(): bigint | undefined {
    return this.#rows > 0 ? this.#start : undefined;
  }

  /** How many steps the timing of the next one stands for; 0 if it is not timed. */
  weight(): number {
    if (this.#rows < TIMED_STEPS) return 1;
    return this.#rows % INTERVAL === 0 ? INTERVAL : 0;
  }

  /** A step took that long, as did others that were not timed. */
  spent(nanoseconds: number, weight: number): void {
    this.#nanoseconds += nanoseconds * weight;
    this.#blocked += blockedFor(nanoseconds);
  }

  stepped(done: boolean | undefined): void {
    if (this.#held.needsCallSite) this.#held.used();
    if (done === true) this.finish();
    else this.#rows++;
  }

  finish(): void {
    const operation = this.#rows > TIMED_STEPS ? this.#operation.estimated() : this.#operation;
    this.#end(() => {
      operation.succeeded(this.#nanoseconds, this.#rows, this.#details());
      this.#layered(undefined);
    });
  }

  /** @param wrapper what the application called */
  fail(error: unknown, wrapper: Function): void {
    this.#guard.attempt(() => removeOwnFrames(error, wrapper));
    this.#end(() => {
      this.#operation.failed(this.#nanoseconds, error, this.#details());
      this.#layered(this.#operation.database.errorType(error));
    });
  }

  #details(): RunDetails {
    return { start: this.#start, blocked: this.#blocked, scanned: this.#scanned?.(this.#nanoseconds) };
  }

  #layered(failure: string | undefined): void {
    const run = { start: this.#start, nanoseconds: this.#nanoseconds, rows: this.#rows, failure, result: undefined };
    if (this.#operation.layer !== undefined) this.#operation.layered(run);
  }

  #end(report: () => void): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    unfinished.delete(this);
    this.#guard.attempt(() => {
      report();
      this.#held.end(Number(now() - this.#start));
    });
  }
}

/** Counts what the application has begun to iterate over and never will to the end: the process is about to exit. */
export function finishIterations(): void {
  for (const iteration of unfinished) iteration.finish();
}

/** The iterations that have begun and not ended. */
export const unfinishedIterations = (): Iterable<Iteration> => unfinished;

const iterations = new WeakMap<object, Iteration>();

/** Follows an iterator to its end. */
export function follow(iterator: object, iteration: Iteration): void {
  iterations.set(iterator, iteration);
  // Node.js 22 gives each iterator methods of its own.
  const owner = Object.hasOwn(iterator, "next") ? iterator : (Object.getPrototypeOf(iterator) as object);
  wrapMethod(owner, "next", observeNext);
  wrapMethod(owner, "return", observeReturn);
}

/** Nanoseconds since the start of a step; 0 if that is not timed. */
const elapsed = (start: bigint): number => (start === 0n ? 0 : Number(now() - start));

function observeNext(original: AnyFunction): AnyFunction {
  return function next(this: object): unknown {
    const iteration = iterations.get(this);
    if (iteration === undefined) return Reflect.apply(original, this, arguments);
    const weight = iteration.weight();
    const start = weight === 0 ? 0n : now();
    let result;
    try {
      result = Reflect.apply(original, this, arguments) as IteratorResult<unknown>;
    } catch (error) {
      iteration.spent(elapsed(start), weight);
      iteration.fail(error, next);
      throw error;
    }
    iteration.spent(elapsed(start), weight);
    iteration.stepped(result.done);
    return result;
  };
}

function observeReturn(original: AnyFunction): AnyFunction {
  return function end(this: object): unknown {
    const result = Reflect.apply(original, this, arguments);
    iterations.get(this)?.finish();
    return result;
  };
}
