import type { Context } from "@opentelemetry/api";
import {
  ATTR_DISK_IO_DIRECTION,
  ATTR_ERROR_TYPE,
  ATTR_STORAGE_MEASUREMENT,
  ATTR_STORAGE_PRIMITIVE,
  METRIC_DB_CLIENT_OPERATION_DURATION,
  METRIC_STORAGE_OPERATION_ACTIVE,
  METRIC_STORAGE_OPERATION_RECORDS,
  STORAGE_MEASUREMENT_VALUE_ESTIMATED,
  STORAGE_MEASUREMENT_VALUE_SAMPLED,
  type StorageMeasurement,
} from "../../semconv/index.ts";
import { now } from "../runtime/clock.ts";
import { activityIn } from "./activity.ts";
import type { BoundaryCall, Instance, TransactionBoundary } from "../recording/instance.ts";
import { LongRuns, type LongRun } from "../insights/slow.ts";
import { blockedFor, findingPolicy } from "../insights/thresholds.ts";
import { NO_REPETITION, repetitionsOf } from "../insights/repeated.ts";
import { identityOf, primitiveOf } from "../recording/series-attributes.ts";
import { SumSeries } from "../metrics/series.ts";
import type { HistogramSeries } from "../metrics/histogram.ts";
import { metricRegistry } from "../metrics/registry.ts";
import { Boundary, OperationKind } from "../recording/operation-kind.ts";
import type { FinishedRun, HookedRun, OperationInfo, OperationHook } from "../recording/operation-info.ts";
import { spanPolicy } from "../spans/policy.ts";
import type { OpenSpan } from "../spans/writer.ts";
import { recordSpan } from "../recording/record-span.ts";
import { activeRollup, recordWithin, type Rollup } from "../recording/rollup.ts";
import type { Scope } from "../recording/scope.ts";
import { isMainThread } from "../runtime/thread.ts";

const durations = metricRegistry.instrument(METRIC_DB_CLIENT_OPERATION_DURATION);
const records = metricRegistry.instrument(METRIC_STORAGE_OPERATION_RECORDS);
const actives = metricRegistry.instrument(METRIC_STORAGE_OPERATION_ACTIVE);

/** Nanoseconds from which the cost of reading the clock is negligible. */
const SHORT = 25_000;

/**
 * Operation of one database, bound to its series: created once per prepared statement, and notified of each run.
 * Concurrent runs share it, so it has no state between the start and the end of a run.
 */
export class Operation {
  readonly info: OperationInfo;
  readonly database: Instance;
  readonly before: (() => void) | undefined;
  /** Called before each run outside of a transaction, which is then one of its own. */
  readonly beforeAutocommit: (() => void) | undefined;
  readonly hook: OperationHook | undefined;
  /** True if it can begin or end a transaction. */
  readonly isControl: boolean;
  /** Start of the run that has just returned; set for operations that can begin or end a transaction. */
  start: bigint | undefined;
  /** True if the engine is asked after each run how much it scanned. */
  isWatched = false;
  readonly #duration: HistogramSeries;
  /** The number of records, written directly. */
  readonly #records: Float64Array;
  /** Duration series of failures, by `error.type`. */
  readonly #failures = new Map<string, HistogramSeries>();
  #longRuns: LongRuns | undefined;
  /** Its count under the span of the last run. */
  #repetition = NO_REPETITION;

  // Copies of the fields used in the hot path: one object less to load into the cache.
  readonly #kind: OperationKind;
  readonly #boundaryKind: Boundary;
  readonly #statements: number;
  readonly #isGoverned: boolean;
  readonly #measurement: StorageMeasurement | undefined;
  #estimated: Operation | undefined;
  #active: SumSeries | undefined;

  /** Number of upcoming runs that are not timed; read-only for callers. */
  skipped = 0;
  /** Nanoseconds of the last timed run; the moving average of those before it follows. */
  #last = 0;
  #usual = SHORT;
  /** Duration series while only a sample of the runs is timed. */
  #sampled: HistogramSeries | undefined;
  /** Untimed runs that are not counted in the series yet; their rows follow. */
  #uncounted = 0;
  #uncountedRows = 0;
  #isListed = false;

  /**
   * @param measurement the way its duration is determined, if it is not simply measured
   * @param like the same operation with another text: its series are shared, as looking them up takes longer than all else
   */
  // oxlint-disable-next-line max-params -- the last is for texts that are not repeated
  constructor(database: Instance, info: OperationInfo, measurement?: StorageMeasurement, like?: Operation) {
    this.info = info;
    this.database = database;
    this.before = info.before;
    this.beforeAutocommit = info.beforeAutocommit;
    this.hook = info.hook;
    this.#kind = info.kind;
    this.#boundaryKind = info.boundary;
    this.#statements = info.statements;
    this.isControl = info.boundary === Boundary.CONTROL;
    this.#isGoverned =
      info.kind <= OperationKind.WRITE && info.boundary !== Boundary.CONTROL && info.hook === undefined;
    this.#measurement = measurement;
    this.#duration = like === undefined ? this.#bindDuration(undefined) : like.#duration;
    this.#records = like === undefined ? bindRecords(database, info).numbers : like.#records;
  }

  /** Returns the same operation with a duration that is estimated from a sample. */
  estimated(): Operation {
    this.#estimated ??= new Operation(this.database, this.info, STORAGE_MEASUREMENT_VALUE_ESTIMATED);
    return this.#estimated;
  }

  /**
   * Tells whether the next run is not timed, because the rate of runs is too high. A run that may commit is always
   * timed, and so is one with a hook.
   */
  skipsTiming(): boolean {
    if (this.skipped === 0) return false;
    if (this.#boundaryKind === Boundary.WRITE && this.database.scope === null) return false;
    this.skipped--;
    return true;
  }

  /**
   * Records a run that returned just now.
   * @param nanoseconds time spent in the engine
   * @param rows rows returned or changed
   * @param more further details, if known
   */
  succeeded(nanoseconds: number, rows: number, more?: RunDetails): void {
    this.#finished(nanoseconds, rows, undefined, more);
  }

  /** Records an untimed run that returned just now: its duration is assumed to be that of the last timed run. */
  repeated(rows: number): void {
    this.#uncounted++;
    this.#uncountedRows += rows;
    if (!this.#isListed) this.#list();
    const rollup = this.#summed(this.#last, rows, undefined);
    if (rollup === null) return;
    const scope = this.database.scope ?? activityIn(this.database);
    (scope === undefined ? rollup.totalsOf(this.database) : scope.totals).addUntimed();
  }

  /** Adds the untimed runs to the series. Updating a series for each of them would cost a tenth of a short run. */
  #count(): void {
    if (this.#uncounted === 0) return;
    this.#sampled!.repeat(this.#last, this.#uncounted);
    this.#records[0]! += this.#uncountedRows;
    this.#uncounted = this.#uncountedRows = 0;
  }

  #list(): void {
    // The main thread may read the counts of a worker at any time, and after its end.
    if (!isMainThread) return this.#count();
    if (uncounted.length === MAX_UNCOUNTED) countUntimed();
    uncounted.push(this);
    this.#isListed = true;
  }

  unlist(): void {
    this.#isListed = false;
    this.#count();
  }

  /** Number of runs of all operations of the database that have begun and not ended. */
  get active(): SumSeries {
    this.#active ??= actives.bind(this.database.attributes);
    return this.#active;
  }

  /** Passes a run to the hook of the operation. */
  reportToHook(run: Omit<HookedRun, "rollup" | "start"> & { readonly start?: bigint }): void {
    this.hook?.ran({ ...run, start: run.start ?? ago(run.nanoseconds), rollup: this.#rollupAround() });
  }

  /**
   * Records a run that threw just now.
   * @param nanoseconds time spent in the engine; undefined if it was not timed
   */
  failed(nanoseconds: number | undefined, error: unknown, more?: RunDetails): void {
    this.#finished(nanoseconds ?? this.#last, 0, this.database.errorType(error), more);
  }

  /**
   * Records the end of a run that was begun before. If the engine has one transaction at a time, the run belongs to the
   * one that is open now: runs can wait in a queue of the engine, and end in the order in which it takes them from there.
   */
  settled(begun: BegunRun, run: SettledRun): void {
    const { start } = begun;
    const { nanoseconds, failure, blocked, result } = run;
    const boundary = this.#boundary(failure);
    const call: BoundaryCall | undefined = boundary && {
      info: this.info,
      start,
      nanoseconds,
      failure,
      span: undefined,
    };
    boundary?.opening(call!);
    const scope = this.database.boundary === undefined ? begun.scope : this.database.scope;
    const rollup = scope === null ? begun.rollup : scope.outer;
    const rows = this.#kind <= OperationKind.WRITE ? run.rows : 0;
    recordWithin(rollup, failure === undefined ? this.#duration : this.#failure(failure), nanoseconds);
    this.#records[0]! += rows;
    if (scope !== null) this.#counted(scope, failure);
    if (rollup !== null) this.#addTo(rollup, scope, nanoseconds, rows, failure);
    // That of the open transaction is created only if it is needed.
    const parent = (): Context | undefined =>
      scope === null ? begun.parent : scope === this.database.scope ? undefined : scope.context();
    const span = this.#show({ start, nanoseconds, rows, failure }, rollup, parent, result);
    if (nanoseconds >= findingPolicy.long)
      this.#long({ nanoseconds, rows, failure, blocked: blockedFor(blocked), scanned: undefined });
    if (call === undefined) return;
    call.span = span;
    boundary!.closing(call);
  }

  /** Creates the span of a run that has settled, or passes the run to its hook. */
  // oxlint-disable-next-line max-params -- an object for each run would have to be collected
  #show(
    run: FinishedRun,
    rollup: Rollup | null,
    parent: () => Context | undefined,
    result: unknown,
  ): OpenSpan | undefined {
    if (this.hook !== undefined) {
      this.hook.ran({ ...run, parent: parent(), rollup, result });
      return undefined;
    }
    const isSpan = run.failure === undefined ? run.nanoseconds >= spanPolicy.threshold : spanPolicy.failures;
    return rollup !== null && isSpan ? recordSpan(this, rollup.anchor, { ...run, parent: parent() }) : undefined;
  }

  // The start is a BigInt, which would be allocated for each run if it were passed; it is calculated where it is
  // needed.
  // oxlint-disable-next-line complexity -- the hot path is one function on purpose
  #finished(nanoseconds: number, reported: number, failure: string | undefined, more: RunDetails | undefined): void {
    // An engine can report rows for a commit: those its search index wrote with it.
    const rows = this.#kind <= OperationKind.WRITE ? reported : 0;
    const boundary = this.#boundary(failure);
    let call: BoundaryCall | undefined;
    if (boundary !== undefined) {
      call = { info: this.info, start: this.#startOf(nanoseconds, more), nanoseconds, failure, span: undefined };
      boundary.opening(call);
    }

    const duration = failure === undefined ? this.#timed(nanoseconds, more?.timings) : this.#failure(failure);
    this.#records[0]! += rows;
    const rollup = this.#summed(nanoseconds, rows, failure);
    const bucket = duration.record(nanoseconds);
    if (rollup !== null) {
      if (rollup.isSampledExemplar) duration.setExemplar(bucket, nanoseconds, rollup.spanContext);
      const isSpan =
        this.hook === undefined && (failure === undefined ? nanoseconds >= spanPolicy.threshold : spanPolicy.failures);
      if (isSpan) {
        const start = call?.start ?? this.#startOf(nanoseconds, more);
        const span = recordSpan(this, rollup.anchor, { start, nanoseconds, rows, failure, scanned: more?.scanned });
        if (call !== undefined) call.span = span;
      }
    }
    // Must precede the end of the transaction.
    if (nanoseconds >= findingPolicy.long)
      this.#long({ nanoseconds, rows, failure, blocked: more?.blocked, scanned: more?.scanned });
    if (call !== undefined) boundary!.closing(call);
  }

  /**
   * Adds a run to the totals of the scope span.
   * @returns the rollup of that span; null if none is recorded
   */
  #summed(nanoseconds: number, rows: number, failure: string | undefined): Rollup | null {
    const { database } = this;
    const scope = database.scope ?? activityIn(database) ?? null;
    if (scope !== null) this.#counted(scope, failure);
    const rollup = scope === null ? activeRollup() : scope.outer;
    if (rollup !== null) this.#addTo(rollup, scope, nanoseconds, rows, failure);
    return rollup;
  }

  #counted(scope: Scope, failure: string | undefined): void {
    scope.statements += this.#statements;
    if (failure !== undefined || this.#statements > 0) scope.failure = failure;
    if (scope.interval.needsCallSite) scope.interval.used();
  }

  // oxlint-disable-next-line max-params -- the hot path
  #addTo(rollup: Rollup, scope: Scope | null, nanoseconds: number, rows: number, failure: string | undefined): void {
    const totals = scope?.isOpen === true ? scope.totals : rollup.totalsOf(this.database);
    totals.add(this.#kind, nanoseconds, rows);
    if (failure !== undefined) totals.addError();
    // Many writes in one transaction are the recommended way to write.
    if (scope === null || this.#kind !== OperationKind.WRITE) this.#countRun(rollup);
  }

  #countRun(rollup: Rollup): void {
    const { counts } = rollup;
    if (counts === null || this.#repetition.owner !== counts)
      this.#repetition = repetitionsOf(rollup).of(this.info, this.database);
    if (++this.#repetition.missing === 0) this.#repetition.reached();
  }

  /** Returns the series of a timed run, which may stand for runs that follow it. */
  #timed(nanoseconds: number, timings?: number): HistogramSeries {
    if (!this.#isGoverned) return this.#duration;
    this.#count();
    const { governor } = this.database;
    const skipped = governor.skip(timings);
    this.#last = nanoseconds;
    // A usually long operation is always timed: the relative cost is low, and its durations are of interest.
    this.skipped = this.#usual < SHORT ? skipped : 0;
    this.#usual += (nanoseconds - this.#usual) / 16;
    if (!governor.isSampling) return this.#duration;
    this.#sampled ??= this.#bindDuration(undefined, STORAGE_MEASUREMENT_VALUE_SAMPLED);
    return this.#sampled;
  }

  #startOf(nanoseconds: number, more: RunDetails | undefined): bigint {
    return more?.start ?? this.start ?? ago(nanoseconds);
  }

  /** Returns the rollup for a run now: a transaction stays with the span in which it began. */
  #rollupAround(): Rollup | null {
    const scope = this.database.scope ?? activityIn(this.database);
    return scope === undefined ? activeRollup() : scope.outer;
  }

  #long(run: LongRun): void {
    this.#longRuns ??= new LongRuns(this.database, this.info);
    this.#longRuns.add(run);
  }

  /** Returns the transaction boundary to notify of a run, if the run can begin or end a transaction. */
  #boundary(failure: string | undefined): TransactionBoundary | undefined {
    const { database } = this;
    // Any failure can: the engine may roll back because of it.
    if (failure !== undefined || this.#boundaryKind === Boundary.CONTROL) return database.boundary;
    return this.#boundaryKind === Boundary.WRITE && database.scope === null ? database.boundary : undefined;
  }

  #failure(type: string): HistogramSeries {
    let series = this.#failures.get(type);
    if (series === undefined) {
      series = this.#bindDuration(type);
      if (this.#failures.size < MAX_FAILURES) this.#failures.set(type, series);
    }
    return series;
  }

  #bindDuration(failure: string | undefined, measurement = this.#measurement): HistogramSeries {
    return durations.bind({
      ...identityOf(this.database, this.info),
      [ATTR_STORAGE_PRIMITIVE]: primitiveOf(this.database, this.info),
      [ATTR_ERROR_TYPE]: failure,
      [ATTR_STORAGE_MEASUREMENT]: measurement,
    });
  }
}

/** Maximum number of error types whose series an operation caches; error types are defined by the application. */
const MAX_FAILURES = 32;

/** Operations with pending counts, which are flushed before each collection, and when the list is full. */
const uncounted: Operation[] = [];
const MAX_UNCOUNTED = 1_000;

/** Flushes the counts of all untimed runs. */
export function countUntimed(): void {
  for (const operation of uncounted) operation.unlist();
  uncounted.length = 0;
}

metricRegistry.onCollect(countUntimed);

/** Run that was begun before. */
export interface BegunRun {
  readonly start: bigint;
  readonly scope: Scope | null;
  /** Rollup of the span in which it began; null if none records. */
  readonly rollup: Rollup | null;
  /** Context in which it began, outside of a scope. */
  readonly parent: Context | undefined;
}

/** End of a run that was begun before. */
interface SettledRun {
  readonly nanoseconds: number;
  readonly rows: number;
  readonly failure: string | undefined;
  /** Nanoseconds for which it blocked the event loop. */
  readonly blocked: number;
  /** Value of the engine, for a hook that reads it. */
  readonly result?: unknown;
}

/** Details that are known of some runs only. */
export interface RunDetails {
  /** For several calls with work of the application in between: the start of the first one. */
  readonly start?: bigint;
  /** Nanoseconds of those calls that blocked the event loop beyond the threshold. */
  readonly blocked?: number;
  /** Number of calls that were timed, if it is not one. */
  readonly timings?: number;
  /** Number of records the engine read sequentially, if it reports them. */
  readonly scanned?: number | undefined;
}

/** Returns the timestamp of the given number of nanoseconds ago. */
const ago = (nanoseconds: number): bigint => now() - BigInt(Math.round(nanoseconds));

/** Receives the rows of operations that have none, such as a commit. */
const NO_RECORDS = new SumSeries({}, [0, 0]);

function bindRecords(database: Instance, info: OperationInfo): SumSeries {
  if (info.kind !== OperationKind.READ && info.kind !== OperationKind.WRITE) return NO_RECORDS;
  const direction = info.kind === OperationKind.WRITE ? "write" : "read";
  return records.bind({ ...identityOf(database, info), [ATTR_DISK_IO_DIRECTION]: direction });
}
