import {
  ATTR_DISK_IO_DIRECTION,
  ATTR_ERROR_TYPE,
  ATTR_STORAGE_MEASUREMENT,
  METRIC_DB_CLIENT_OPERATION_DURATION,
  METRIC_STORAGE_OPERATION_RECORDS,
  STORAGE_MEASUREMENT_VALUE_ESTIMATED,
  STORAGE_MEASUREMENT_VALUE_SAMPLED,
  type StorageMeasurement,
} from "../../semconv/index.ts";
import { now } from "../runtime/clock.ts";
import type { BoundaryCall, Database, TransactionBoundary } from "../recording/instance.ts";
import { LongRuns, type LongRun } from "../insights/slow.ts";
import { findingPolicy } from "../insights/thresholds.ts";
import { NO_REPETITION, repetitionsOf } from "../insights/repeated.ts";
import { identityOf } from "../recording/series-attributes.ts";
import { SumCell } from "../metrics/series.ts";
import type { HistogramCell } from "../metrics/histogram.ts";
import { hotMetrics } from "../metrics/registry.ts";
import { Boundary, OperationKind } from "../recording/operation-kind.ts";
import type { LayerRun, OperationInfo, OperationLayer } from "../recording/operation-info.ts";
import { spanPolicy } from "../spans/policy.ts";
import { recordSpan } from "../recording/record-span.ts";
import { activeRollup, rollupAround, type Rollup } from "../recording/rollup.ts";
import { isMainThread } from "../runtime/thread.ts";

const durations = hotMetrics.instrument(METRIC_DB_CLIENT_OPERATION_DURATION);
const records = hotMetrics.instrument(METRIC_STORAGE_OPERATION_RECORDS);

/** In nanoseconds: reading the clock is no matter of those that take longer. */
const SHORT = 25_000;

/**
 * An operation of one database, bound to its series: made once per prepared statement, told of each run.
 * Runs of the same operation share it, so nothing is kept here between the start and the end of one.
 */
export class Operation {
  readonly info: OperationInfo;
  readonly database: Database;
  readonly before: (() => void) | undefined;
  readonly layer: OperationLayer | undefined;
  /** Whether it can begin or end a transaction. */
  readonly isControl: boolean;
  /** When the run that has just returned began; set for those that can begin or end a transaction. */
  start: bigint | undefined;
  /** Whether the engine is to be asked after each run what it scanned. */
  isWatched = false;
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
  readonly #isGoverned: boolean;
  readonly #measurement: StorageMeasurement | undefined;
  #estimated: Operation | undefined;

  /** Runs to come that are not to be timed. */
  #skipped = 0;
  /** Nanoseconds the last run that was timed took, and those before it on average. */
  #last = 0;
  #usual = SHORT;
  /** The duration series of the time in which not every run was timed. */
  #sampled: HistogramCell | undefined;
  /** Runs that were not timed and are to be counted, and their rows. */
  #uncounted = 0;
  #uncountedRows = 0;
  #isListed = false;

  /** @param measurement how its duration comes about, where it is not simply measured */
  constructor(database: Database, info: OperationInfo, measurement?: StorageMeasurement) {
    this.info = info;
    this.database = database;
    this.before = info.before;
    this.layer = info.layer;
    this.#kind = info.kind;
    this.#boundaryKind = info.boundary;
    this.#statements = info.statements;
    this.isControl = info.boundary === Boundary.CONTROL;
    this.#isGoverned =
      info.kind <= OperationKind.WRITE && info.boundary !== Boundary.CONTROL && info.layer === undefined;
    this.#measurement = measurement;
    this.#duration = this.#bindDuration(undefined);
    this.#records = bindRecords(database, info);
  }

  /** The same operation where its duration is measured on a sample. */
  estimated(): Operation {
    this.#estimated ??= new Operation(this.database, this.info, STORAGE_MEASUREMENT_VALUE_ESTIMATED);
    return this.#estimated;
  }

  /**
   * Whether the next run is not to be timed, because there are too many of them. What may commit always is, and so is
   * what belongs to a layer.
   */
  skipsTiming(): boolean {
    if (this.#skipped === 0) return false;
    if (this.#boundaryKind === Boundary.WRITE && this.database.enclosing === null) return false;
    this.#skipped--;
    return true;
  }

  /**
   * A run that returned just now.
   * @param nanoseconds time the engine took
   * @param rows rows returned or changed
   * @param more set where more is known of it
   */
  succeeded(nanoseconds: number, rows: number, more?: RunDetails): void {
    this.#finished(nanoseconds, rows, undefined, more);
  }

  /** A run that was not timed returned just now: it is taken to have lasted as long as the last one that was. */
  repeated(rows: number): void {
    this.#uncounted++;
    this.#uncountedRows += rows;
    if (!this.#isListed) this.#list();
    const rollup = this.#summed(this.#last, rows, undefined);
    if (rollup === null) return;
    const { enclosing } = this.database;
    (enclosing === null ? rollup.totalsOf(this.database) : enclosing.totals).addUntimed();
  }

  /** Counts the runs that were not timed. For each of them a series is too far away: it costs a tenth of a short run. */
  #count(): void {
    if (this.#uncounted === 0) return;
    this.#sampled!.repeat(this.#last, this.#uncounted);
    this.#records.value += this.#uncountedRows;
    this.#uncounted = this.#uncountedRows = 0;
  }

  #list(): void {
    // The main thread takes what a worker has counted at any moment, and after its end.
    if (!isMainThread) return this.#count();
    if (uncounted.length === MOST_UNCOUNTED) countUntimed();
    uncounted.push(this);
    this.#isListed = true;
  }

  unlist(): void {
    this.#isListed = false;
    this.#count();
  }

  /** Hands a run to the layer the operation belongs to. */
  layered(run: Omit<LayerRun, "rollup" | "start"> & { readonly start?: bigint }): void {
    this.layer?.ran({ ...run, start: run.start ?? ago(run.nanoseconds), rollup: rollupAround(this.database) });
  }

  /**
   * A run that threw just now.
   * @param nanoseconds time the engine took; undefined where it was not timed
   */
  failed(nanoseconds: number | undefined, error: unknown, more?: RunDetails): void {
    this.#finished(nanoseconds ?? this.#last, 0, this.database.errorType(error), more);
  }

  // A moment is a BigInt, which would be allocated for each run if it were handed down; where it is needed, it is worked out.
  // oxlint-disable-next-line complexity -- the hot path is one function on purpose
  #finished(nanoseconds: number, reported: number, failure: string | undefined, more: RunDetails | undefined): void {
    // An engine can report rows for a commit, those its search index wrote with it.
    const rows = this.#kind <= OperationKind.WRITE ? reported : 0;
    const boundary = this.#boundary(failure);
    let call: BoundaryCall | undefined;
    if (boundary !== undefined) {
      call = { info: this.info, start: this.#startOf(nanoseconds, more), nanoseconds, failure, span: undefined };
      boundary.opening(call);
    }

    const duration = failure === undefined ? this.#timed(nanoseconds) : this.#failure(failure);
    const bucket = duration.record(nanoseconds);
    this.#records.value += rows;
    const rollup = this.#summed(nanoseconds, rows, failure);
    if (rollup !== null) {
      if (rollup.isSampledExemplar) duration.setExemplar(bucket, nanoseconds, rollup.spanContext);
      const isSpan =
        this.layer === undefined && (failure === undefined ? nanoseconds >= spanPolicy.threshold : spanPolicy.failures);
      if (isSpan) {
        const start = call?.start ?? this.#startOf(nanoseconds, more);
        const span = recordSpan(this, rollup.anchor, { start, nanoseconds, rows, failure, scanned: more?.scanned });
        if (call !== undefined) call.span = span;
      }
    }
    // Before the transaction it may end is gone.
    if (nanoseconds >= findingPolicy.long)
      this.#long({ nanoseconds, rows, failure, blocked: more?.blocked, scanned: more?.scanned });
    if (call !== undefined) boundary!.closing(call);
  }

  /** Sums a run up where it happened. @returns the rollup of the span it happened in; null where none records */
  #summed(nanoseconds: number, rows: number, failure: string | undefined): Rollup | null {
    const { database } = this;
    const { enclosing } = database;
    if (enclosing !== null) {
      enclosing.statements += this.#statements;
      if (failure !== undefined || this.#statements > 0) enclosing.failure = failure;
      if (enclosing.held.needsCallSite) enclosing.held.used();
    }
    const rollup = enclosing === null ? activeRollup() : enclosing.outer;
    if (rollup === null) return null;
    const totals = enclosing === null ? rollup.totalsOf(database) : enclosing.totals;
    totals.add(this.#kind, nanoseconds, rows);
    if (failure !== undefined) totals.addError();
    // Many writes in one transaction are how it is done best.
    if (enclosing === null || this.#kind !== OperationKind.WRITE) this.#countRun(rollup);
    return rollup;
  }

  #countRun(rollup: Rollup): void {
    const repetitions = repetitionsOf(rollup);
    if (this.#repetition.owner !== repetitions) this.#repetition = repetitions.of(this.info, this.database);
    if (++this.#repetition.missing === 0) this.#repetition.reached();
  }

  /** The series of a run that was timed, which may stand for those that follow it. */
  #timed(nanoseconds: number): HistogramCell {
    if (!this.#isGoverned) return this.#duration;
    this.#count();
    const { governor } = this.database;
    const skipped = governor.skip();
    this.#last = nanoseconds;
    // What usually takes long is no burden, and is what one wants to know.
    this.#skipped = this.#usual < SHORT ? skipped : 0;
    this.#usual += (nanoseconds - this.#usual) / 16;
    if (!governor.isSampling) return this.#duration;
    this.#sampled ??= this.#bindDuration(undefined, STORAGE_MEASUREMENT_VALUE_SAMPLED);
    return this.#sampled;
  }

  #startOf(nanoseconds: number, more: RunDetails | undefined): bigint {
    return more?.start ?? this.start ?? ago(nanoseconds);
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
      if (this.#failures.size < MAX_FAILURES) this.#failures.set(type, cell);
    }
    return cell;
  }

  #bindDuration(failure: string | undefined, measurement = this.#measurement): HistogramCell {
    return durations.bind({
      ...identityOf(this.database, this.info),
      [ATTR_ERROR_TYPE]: failure,
      [ATTR_STORAGE_MEASUREMENT]: measurement,
    });
  }
}

/** Types of errors of which an operation remembers the series; an application can name its errors as it likes. */
const MAX_FAILURES = 32;

/** Operations with runs that are to be counted: before each collection, and before there are too many of them. */
const uncounted: Operation[] = [];
const MOST_UNCOUNTED = 1_000;

/** Counts all runs so far that were not timed. */
export function countUntimed(): void {
  for (const operation of uncounted) operation.unlist();
  uncounted.length = 0;
}

hotMetrics.onCollect(countUntimed);

/** What is known of some runs only. */
export interface RunDetails {
  /** Of several calls, between which the application did something else: the moment of the first. */
  readonly start?: bigint;
  /** And nanoseconds of those of the calls that blocked the event loop for long. */
  readonly blocked?: number;
  /** Records the engine read one after the other, where it tells. */
  readonly scanned?: number | undefined;
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
