import { METRIC_STORAGE_OPERATION_SCANNED_RECORDS } from "../../semconv/index.ts";
import { identityOf } from "../recording/series-attributes.ts";
import type { SumSeries } from "../metrics/series.ts";
import { metricRegistry } from "../metrics/registry.ts";
import type { Operation } from "./operation.ts";

const scannedRecords = metricRegistry.instrument(METRIC_STORAGE_OPERATION_SCANNED_RECORDS);

/**
 * Nanoseconds from which a run is queried. The query costs a thirtieth of a point read, and a shorter run has scanned a
 * negligible number of records.
 */
const LONG = 20_000;

/**
 * Number of runs after a long one that are queried regardless of their duration: the count of one run is the difference
 * of two queries.
 */
const WATCHED = 64;

/** State of the scans of an operation. */
interface Watch {
  readonly series: SumSeries;
  /** Number of runs still to be queried. */
  left: number;
}

/** Counts of scanned records, for an engine that keeps a cumulative count per statement. */
export class Scans<Statement extends object> {
  readonly #readTotal: (statement: Statement) => number | undefined;
  readonly #totals = new WeakMap<Statement, number>();
  readonly #watches = new WeakMap<Operation, Watch>();

  /**
   * @param readTotal returns the records read sequentially by all runs of a statement; undefined if the statement no
   * longer exists
   */
  constructor(readTotal: (statement: Statement) => number | undefined) {
    this.#readTotal = readTotal;
  }

  /**
   * Counts the records scanned since the last query of a statement.
   * @returns the records scanned by the run that has just returned; undefined if they cannot be separated from those of
   * earlier runs
   */
  after(operation: Operation, statement: Statement, nanoseconds: number): number | undefined {
    const isLong = nanoseconds >= LONG;
    if (!isLong && !operation.isWatched) return undefined;
    const total = this.#readTotal(statement);
    if (total === undefined) return undefined;
    const watch = this.#watchOf(operation);
    const before = this.#totals.get(statement);
    this.#totals.set(statement, total);
    // The application may have reset the engine's counter.
    const isContinued = before !== undefined && total >= before;
    const scanned = isContinued ? total - before : total;
    watch.series.add(scanned);
    const wasWatched = watch.left > 0;
    watch.left = isLong ? WATCHED : watch.left - 1;
    operation.isWatched = watch.left > 0;
    return wasWatched && isContinued ? scanned : undefined;
  }

  #watchOf(operation: Operation): Watch {
    let watch = this.#watches.get(operation);
    if (watch === undefined) {
      watch = { series: scannedRecords.bind(identityOf(operation.database, operation.info)), left: 0 };
      this.#watches.set(operation, watch);
    }
    return watch;
  }
}
