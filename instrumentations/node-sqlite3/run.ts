import type { Context } from "@opentelemetry/api";
import { activeContext } from "../../src/context/active.ts";
import { callWithin } from "../../src/context/call-within.ts";
import type { BegunRun, Operation } from "../../src/instrument/operation.ts";
import { activeRollup, type Rollup } from "../../src/recording/rollup.ts";
import { now } from "../../src/runtime/clock.ts";

/** End of a call. */
interface CallEnd {
  /** Error of the engine; null or undefined if there was none. */
  readonly error: unknown;
  /** Returns the number of records returned or changed. */
  readonly rows?: (operation: Operation) => number;
  /** Rows that the engine returned, for a hook that reads them. */
  readonly result?: unknown;
  /** Operation to record in place of that of the call. */
  readonly operation?: Operation | undefined;
}

/**
 * Call that waits in the queue of its database, runs in the thread pool and ends in a callback. The transaction it belongs
 * to is known at its end only: statements that follow one another are called before the first of them has run.
 */
export class Run implements BegunRun {
  readonly start: bigint = now();
  readonly scope = null;
  readonly rollup: Rollup | null = activeRollup();
  readonly parent: Context = activeContext();
  readonly #find: () => Operation | undefined;
  #operation: Operation | undefined;
  #isEnded = false;

  /** @param find returns the operation; undefined while the database is not open */
  constructor(find: () => Operation | undefined) {
    this.#find = find;
    this.#operation = find();
    this.#operation?.before?.();
  }

  /** Nanoseconds since it began. */
  get nanoseconds(): number {
    return Number(now() - this.start);
  }

  /** Records the end, in the context of the call: the engine calls back outside of it. A second call does nothing. */
  ended({ error, rows, result, operation: other }: CallEnd, nanoseconds: number = this.nanoseconds): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const operation = other ?? (this.#operation ??= this.#find());
    if (operation === undefined) return;
    const isFailed = error !== null && error !== undefined;
    const failure = isFailed ? operation.database.errorType(error) : undefined;
    const count = isFailed ? 0 : (rows?.(operation) ?? 0);
    const settled = (): void => operation.settled(this, { nanoseconds, rows: count, failure, blocked: 0, result });
    callWithin(this.parent, settled, undefined, []);
  }
}
