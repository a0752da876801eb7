import { now } from "../../src/runtime/clock.ts";
import { LongOpen } from "../../src/insights/long-open.ts";
import type { Operation } from "../../src/instrument/operation.ts";
import { PendingOperation } from "../../src/instrument/pending-operation.ts";
import type { PendingCall } from "../../src/instrument/probe.ts";
import { begin, end, type Unfinished } from "../../src/instrument/unfinished.ts";
import type { Instance } from "../../src/recording/instance.ts";

/**
 * Iteration over a range of keys: one operation from the creation of the iterator to its end. Its duration is the time that
 * the engine took to read; records that it has read ahead take none.
 */
export class RangeIteration implements Unfinished {
  readonly database: Instance;
  readonly #run: PendingOperation;
  readonly #held: LongOpen;
  #nanoseconds = 0;
  #rows = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(operation: Operation) {
    this.database = operation.database;
    this.#run = new PendingOperation(operation, undefined, false);
    this.#held = new LongOpen(this.database, operation.info, this.#run.start, false);
    begin(this);
  }

  /** The engine takes the snapshot of an iterator when it is created. */
  get reading(): bigint {
    return this.#run.start;
  }

  /** Records a step that returns what was read ahead. */
  returned(rows: number): void {
    if (this.#held.needsCallSite) this.#held.used();
    this.#rows += rows;
  }

  /**
   * Begins a step that reads.
   * @param rowsOf returns the number of records of its result
   */
  reads(rowsOf: (result: unknown) => number): PendingCall {
    const start = now();
    const spent = (): number => (this.#nanoseconds += Number(now() - start));
    if (this.#held.needsCallSite) this.#held.used();
    return {
      succeeded: (result) => {
        spent();
        this.#rows += rowsOf(result);
      },
      failed: (error) => {
        spent();
        this.#failure = { error };
      },
    };
  }

  finish(): void {
    if (!end(this)) return;
    if (this.#failure === undefined) this.#run.succeeded(this.#rows, 0, this.#nanoseconds);
    else this.#run.failed(this.#failure.error, 0, this.#nanoseconds);
    this.#held.end(Number(now() - this.#run.start));
  }
}
