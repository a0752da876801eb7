import {
  ATTR_DISK_IO_DIRECTION,
  ATTR_ERROR_TYPE,
  ATTR_STORAGE_MEASUREMENT,
  METRIC_DB_CLIENT_OPERATION_DURATION,
  METRIC_STORAGE_OPERATION_RECORDS,
  STORAGE_MEASUREMENT_VALUE_ESTIMATED,
} from "../semconv/index.ts";
import { now } from "./clock.ts";
import type { BoundaryCall, Database, TransactionBoundary } from "./database.ts";
import { LongRuns, type LongRun } from "./findings/long-runs.ts";
import { findingPolicy } from "./findings/policy.ts";
import { NO_REPETITION } from "./findings/repetition.ts";
import { identityOf } from "./identity.ts";
import { SumCell } from "./metrics/cells.ts";
import type { HistogramCell } from "./metrics/histogram.ts";
import { hotMetrics } from "./metrics/instruments.ts";
import { Boundary, OperationKind, type LayerRun, type OperationInfo, type OperationLayer } from "./operation-info.ts";
import { spanPolicy } from "./spans/policy.ts";
import { recordSpan } from "./spans/retroactive.ts";
import { activeRollup, rollupAround } from "./spans/rollup.ts";

const durations = hotMetrics.instrument(METRIC_DB_CLIENT_OPERATION_DURATION);
const records = hotMetrics.instrument(METRIC_STORAGE_OPERATION_RECORDS);

/**
 * An operation of one database, bound to its series: made once per prepared statement, told of each run.
 * Runs of the same operation share it, so nothing is kept here between the start and the end of one.
 */
export class Operation {
  readonly info: OperationInfo;
  readonly database: Database;
  readonly before: (() => void) | undefined;
  readonly layer: OperationLayer | undefined;
  readonly #duration: HistogramCell;
  readonly #records: SumCell;
  /** The duration series of failures, by `error.type`. */
  readonly #failures = new Map<string, HistogramCell>();
  #longRuns: LongRuns | undefined;
  /** Its count under the span it ran under last. */
  #repetition = NO_REPETITION;

  // Copies of what the hot path needs of the outline: one object less to fetch into the cache.
  readonly #kind: OperationKind;
  readonly #boundaryKind: Boundary;
  readonly #statements: number;
  readonly #isEstimated: boolean;
  #estimated: Operation | undefined;

  constructor(database: Database, info: OperationInfo, isEstimated = false) {
    this.info = info;
    this.database = database;
    this.before = info.before;
    this.layer = info.layer;
    this.#kind = info.kind;
    this.#boundaryKind = info.boundary;
    this.#statements = info.statements;
    this.#isEstimated = isEstimated;
    this.#duration = this.#bindDuration(undefined);
    this.#records = bindRecords(database, info);
  }

  /** The same operation where its duration is measured on a sample. */
  estimated(): Operation {
    this.#estimated ??= new Operation(this.database, this.info, true);
    return this.#estimated;
  }

  /**
   * A run that returned just now.
   * @param nanoseconds time the engine took
   * @param rows rows returned or changed
   * @param pass set where the application did something else in between
   */
  succeeded(nanoseconds: number, rows: number, pass?: Pass): void {
    this.#finished(nanoseconds, rows, undefined, pass);
  }

  /** Hands a run to the layer the operation belongs to. */
  layered(run: Omit<LayerRun, "rollup" | "start"> & { readonly start?: bigint }): void {
    this.layer?.ran({ ...run, start: run.start ?? ago(run.nanoseconds), rollup: rollupAround(this.database) });
  }

  /** A run that threw just now. */
  failed(nanoseconds: number, error: unknown, pass?: Pass): void {
    this.#finished(nanoseconds, 0, this.database.errorType(error), pass);
  }

  // A moment is a BigInt, which would be allocated for each run if it were handed down; it is worked out where it is needed.
  // oxlint-disable-next-line complexity -- the hot path is one function on purpose
  #finished(nanoseconds: number, reported: number, failure: string | undefined, pass: Pass | undefined): void {
    const { database } = this;
    // An engine can report rows for a commit, those its search index wrote with it.
    const rows = this.#kind <= OperationKind.WRITE ? reported : 0;
    const boundary = this.#boundary(failure);
    let call: BoundaryCall | undefined;
    if (boundary !== undefined) {
      call = { info: this.info, start: pass?.start ?? ago(nanoseconds), nanoseconds, failure, span: undefined };
      boundary.opening(call);
    }

    const duration = failure === undefined ? this.#duration : this.#failure(failure);
    const bucket = duration.record(nanoseconds);
    this.#records.value += rows;
    const { enclosing } = database;
    if (enclosing !== null) {
      enclosing.statements += this.#statements;
      if (failure !== undefined || this.#statements > 0) enclosing.failure = failure;
      if (enclosing.held.wantsSite) enclosing.held.used();
    }
    const rollup = enclosing === null ? activeRollup() : enclosing.outer;
    if (rollup !== null) {
      const totals = enclosing === null ? rollup.totalsOf(database) : enclosing.totals;
      totals.add(this.#kind, nanoseconds, rows);
      if (failure !== undefined) totals.addError();
      if (rollup.isExemplary) duration.exemplify(bucket, nanoseconds, rollup.spanContext);
      const isSpan =
        this.layer === undefined && (failure === undefined ? nanoseconds >= spanPolicy.threshold : spanPolicy.failures);
      if (isSpan) {
        const start = call?.start ?? pass?.start ?? ago(nanoseconds);
        const span = recordSpan(this, rollup.anchor, { start, nanoseconds, rows, failure });
        if (call !== undefined) call.span = span;
      }
      if (this.#repetition.owner !== rollup.repetitions) this.#repetition = rollup.repetitions.of(this.info, database);
      if (++this.#repetition.missing === 0) this.#repetition.reached();
    }
    // Before the transaction it may end is gone.
    if (nanoseconds >= findingPolicy.long) this.#long({ nanoseconds, rows, failure, blocked: pass?.blocked });
    if (call !== undefined) boundary!.closing(call);
  }

  #long(run: LongRun): void {
    this.#longRuns ??= new LongRuns(this.database, this.info);
    this.#longRuns.add(run);
  }

  /** Who has to be told of the run, if it can move the boundary of a transaction. */
  #boundary(failure: string | undefined): TransactionBoundary | undefined {
    const { database } = this;
    // Any failure can: the engine may roll back for it.
    if (failure !== undefined || this.#boundaryKind === Boundary.CONTROL) return database.boundary;
    return this.#boundaryKind === Boundary.WRITE && database.enclosing === null ? database.boundary : undefined;
  }

  #failure(type: string): HistogramCell {
    let cell = this.#failures.get(type);
    if (cell === undefined) {
      cell = this.#bindDuration(type);
      this.#failures.set(type, cell);
    }
    return cell;
  }

  #bindDuration(failure: string | undefined): HistogramCell {
    return durations.bind({
      ...identityOf(this.database, this.info),
      [ATTR_ERROR_TYPE]: failure,
      [ATTR_STORAGE_MEASUREMENT]: this.#isEstimated ? STORAGE_MEASUREMENT_VALUE_ESTIMATED : undefined,
    });
  }
}

/** An operation of several calls, between which the application did something else. */
export interface Pass {
  /** Moment of the first call. */
  readonly start: bigint;
  /** Nanoseconds of those of the calls that blocked the event loop for long. */
  readonly blocked: number;
}

/** The moment that many nanoseconds before now. */
const ago = (nanoseconds: number): bigint => now() - BigInt(nanoseconds);

/** Takes the rows of operations that have none, such as a commit. */
const NO_RECORDS = new SumCell({}, [0, 0]);

function bindRecords(database: Database, info: OperationInfo): SumCell {
  if (info.kind !== OperationKind.READ && info.kind !== OperationKind.WRITE) return NO_RECORDS;
  const direction = info.kind === OperationKind.WRITE ? "write" : "read";
  return records.bind({ ...identityOf(database, info), [ATTR_DISK_IO_DIRECTION]: direction });
}
