import { ROOT_CONTEXT, trace, type Context, type SpanContext } from "@opentelemetry/api";
import { activeContext } from "../../src/context/active.ts";

/** Maximum number of writes that are remembered. */
const MAX_WRITES = 1_024;

/** Difference between the clocks of the engine's log and of JavaScript, in milliseconds. */
const SLACK_MS = 1;

interface Write {
  id: number;
  /** Unix time in milliseconds. */
  start: number;
  end: number;
  span: SpanContext | undefined;
}

/**
 * The last writes of a database, of which one has filled the memtable that a flush wrote to a file. The engine does not
 * say which: it is known only if all writes of that moment belong to one span.
 */
export class WritesInFlight {
  readonly #writes: Write[] = [];
  #next = 0;

  /**
   * Notes that a write begins in the current span.
   * @returns its number, for `ended`
   */
  began(): number {
    const id = this.#next++;
    const write = { id, start: Date.now(), end: Infinity, span: trace.getSpanContext(activeContext()) };
    this.#writes[id % MAX_WRITES] = write;
    return id;
  }

  ended(id: number): void {
    const write = this.#writes[id % MAX_WRITES];
    if (write?.id === id) write.end = Date.now();
  }

  /**
   * Returns the context of the span that wrote at a moment; undefined if it is not known.
   * @param time Unix time in nanoseconds
   */
  spanAt(time: bigint): Context | undefined {
    const at = Number(time / 1_000_000n);
    // Writes of that moment may be forgotten.
    if (this.#next > MAX_WRITES && this.#writes[this.#next % MAX_WRITES]!.start > at - SLACK_MS) return undefined;
    const spans = this.#writes
      .filter(({ start, end }) => start <= at + SLACK_MS && end >= at - SLACK_MS)
      .map(({ span }) => span);
    const [span] = spans;
    if (span === undefined || spans.some((each) => each?.spanId !== span.spanId)) return undefined;
    return trace.setSpanContext(ROOT_CONTEXT, span);
  }
}
