import { METRIC_STORAGE_OPERATION_SCANNED_RECORDS } from "../../semconv/index.ts";
import { identityOf } from "../recording/series-attributes.ts";
import type { SumCell } from "../metrics/series.ts";
import { hotMetrics } from "../metrics/registry.ts";
import type { Operation } from "./operation.ts";

const scannedRecords = hotMetrics.instrument(METRIC_STORAGE_OPERATION_SCANNED_RECORDS);

/** In nanoseconds. To ask costs a thirtieth of what a point read does, and what takes less has scanned nothing to speak of. */
const LONG = 20_000;

/** Runs after a long one that are asked about too, whatever they take: what one run scanned is a difference of two answers. */
const WATCHED = 64;

/** What is known of the scans of an operation. */
interface Watch {
  readonly cell: SumCell;
  /** Runs that are still to be asked about. */
  left: number;
}

/** What operations scanned, of an engine that counts for each statement from its beginning. */
export class Scans<Statement extends object> {
  readonly #totalOf: (statement: Statement) => number | undefined;
  readonly #totals = new WeakMap<Statement, number>();
  readonly #watches = new WeakMap<Operation, Watch>();

  /** @param totalOf records that all runs of a statement together read one after the other; undefined for one that is gone */
  constructor(totalOf: (statement: Statement) => number | undefined) {
    this.#totalOf = totalOf;
  }

  /**
   * Counts what was scanned since a statement was last asked about.
   * @returns records the run that has just returned scanned; undefined where that cannot be told from the runs before it
   */
  after(operation: Operation, statement: Statement, nanoseconds: number): number | undefined {
    const isLong = nanoseconds >= LONG;
    if (!isLong && !operation.isWatched) return undefined;
    const total = this.#totalOf(statement);
    if (total === undefined) return undefined;
    const watch = this.#watchOf(operation);
    const before = this.#totals.get(statement);
    this.#totals.set(statement, total);
    // The application may have had the engine begin to count anew.
    const isContinued = before !== undefined && total >= before;
    const scanned = isContinued ? total - before : total;
    watch.cell.add(scanned);
    const wasWatched = watch.left > 0;
    watch.left = isLong ? WATCHED : watch.left - 1;
    operation.isWatched = watch.left > 0;
    return wasWatched && isContinued ? scanned : undefined;
  }

  #watchOf(operation: Operation): Watch {
    let watch = this.#watches.get(operation);
    if (watch === undefined) {
      watch = { cell: scannedRecords.bind(identityOf(operation.database, operation.info)), left: 0 };
      this.#watches.set(operation, watch);
    }
    return watch;
  }
}
