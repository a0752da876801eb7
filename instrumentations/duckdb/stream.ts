import { LongOpen } from "../../src/insights/long-open.ts";
import type { PendingCall } from "../../src/instrument/probe.ts";
import { begin, end, type Unfinished } from "../../src/instrument/unfinished.ts";
import type { Instance } from "../../src/recording/instance.ts";
import { now } from "../../src/runtime/clock.ts";
import type { StatementCall } from "./call.ts";
import type { Chunk } from "./package-types.ts";

/**
 * Result whose rows DuckDB computes while they are fetched: one operation from the call to the last chunk that is
 * fetched. Its duration is the time that DuckDB took.
 */
export class DuckStream implements Unfinished {
  readonly database: Instance;
  readonly #call: StatementCall;
  readonly #held: LongOpen;
  readonly #start = now();
  #nanoseconds: number;
  #rows = 0;
  /** Chunks that are being fetched. */
  #fetching = 0;
  isFinished = false;

  constructor(call: StatementCall) {
    const { operation } = call.known;
    this.database = operation.database;
    this.#call = call;
    this.#nanoseconds = call.run.nanoseconds;
    this.#held = new LongOpen(this.database, operation.info, this.#start, false);
    begin(this);
  }

  get reading(): bigint {
    return this.#start;
  }

  /** Begins to fetch a chunk; an empty one, or none, is the last. */
  fetching(): PendingCall {
    const start = now();
    if (this.#held.needsCallSite) this.#held.used();
    this.#fetching++;
    const spent = (): void => {
      this.#fetching--;
      this.#nanoseconds += Number(now() - start);
    };
    return {
      succeeded: (chunk) => {
        spent();
        const rows = (chunk as Chunk | null)?.rowCount ?? 0;
        this.#rows += rows;
        if (rows === 0) this.finish();
      },
      failed: (error) => {
        spent();
        this.#end(() => this.#call.failedAfter(error, this.#nanoseconds));
      },
    };
  }

  get isFetching(): boolean {
    return this.#fetching > 0;
  }

  finish(): void {
    this.#end(() => this.#call.run.succeeded(this.#rows, 0, this.#nanoseconds));
  }

  #end(report: () => void): void {
    if (!end(this)) return;
    this.isFinished = true;
    report();
    this.#held.end(Number(now() - this.#start));
  }
}
