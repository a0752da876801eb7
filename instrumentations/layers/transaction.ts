import { ROOT_CONTEXT, type Attributes, type Context } from "@opentelemetry/api";
import {
  ATTR_ERROR_TYPE,
  ATTR_STORAGE_CONFLICT_REASON,
  ATTR_STORAGE_LOCK_TYPE,
  ATTR_STORAGE_TRANSACTION_MODE,
  ATTR_STORAGE_TRANSACTION_OUTCOME,
  ATTR_STORAGE_TRANSACTION_SAVEPOINTS,
  ATTR_STORAGE_TRANSACTION_STATEMENTS,
  KIND_STORAGE_TRANSACTION,
  METRIC_STORAGE_LOCK_RETRIES,
  METRIC_STORAGE_LOCK_WAIT_DURATION,
  METRIC_STORAGE_TRANSACTION_ACTIVE,
  METRIC_STORAGE_TRANSACTION_COMMIT_DURATION,
  METRIC_STORAGE_TRANSACTION_CONFLICTS,
  METRIC_STORAGE_TRANSACTION_DURATION,
  STORAGE_LOCK_TYPE_VALUE_WRITE,
  STORAGE_TRANSACTION_MODE_VALUE_DEFERRED,
  type StorageConflictReason,
  type StorageLockType,
  type StorageTransactionMode,
  type StorageTransactionOutcome,
} from "../../semconv/index.ts";
import type { Instance } from "../../src/recording/instance.ts";
import type { Scope } from "../../src/recording/scope.ts";
import { LongOpen } from "../../src/insights/long-open.ts";
import type { SumSeries } from "../../src/metrics/series.ts";
import type { HistogramSeries } from "../../src/metrics/histogram.ts";
import { metricRegistry } from "../../src/metrics/registry.ts";
import type { OperationInfo } from "../../src/recording/operation-info.ts";
import { activeContext } from "../../src/context/active.ts";
import { spanPolicy } from "../../src/spans/policy.ts";
import type { SpanEnd as SpanEnding, OpenSpan } from "../../src/spans/writer.ts";
import { activeRollup, recordWithin, type Rollup } from "../../src/recording/rollup.ts";
import { watchAge } from "../../src/recording/open-ages.ts";
import { openActivitySpan } from "../../src/recording/record-activity.ts";
import { Totals } from "../../src/recording/rollup-totals.ts";

const durations = metricRegistry.instrument(METRIC_STORAGE_TRANSACTION_DURATION);
const commitDurations = metricRegistry.instrument(METRIC_STORAGE_TRANSACTION_COMMIT_DURATION);
const active = metricRegistry.instrument(METRIC_STORAGE_TRANSACTION_ACTIVE);
const lockWaits = metricRegistry.instrument(METRIC_STORAGE_LOCK_WAIT_DURATION);
const lockRetries = metricRegistry.instrument(METRIC_STORAGE_LOCK_RETRIES);
const conflicts = metricRegistry.instrument(METRIC_STORAGE_TRANSACTION_CONFLICTS);

/** Maximum number of tasks a transaction defers to its end. */
const MAX_TASKS = 100;

/** Nanoseconds from which an acquisition counts as a wait; acquiring a free lock takes less. */
const MIN_WAIT_NS = 1e6;

/** Beginning of a transaction. */
interface TransactionStart {
  readonly mode: StorageTransactionMode;
  readonly start: bigint;
  /** The statement that began it. */
  readonly info: OperationInfo;
}

/** Result of a transaction. */
export interface TransactionResult {
  readonly outcome: StorageTransactionOutcome;
  /** `error.type` of the failure. */
  readonly failure?: string | undefined;
}

/** Complete transaction. */
interface FinishedTransaction extends TransactionResult {
  readonly mode: StorageTransactionMode;
  readonly start: bigint;
  readonly nanoseconds: number;
  readonly statements: number;
  readonly savepoints: number;
}

/** Explicit transaction that is open. Its span is created when it ends, or when a span inside it needs a parent. */
class OpenTransaction implements Scope {
  statements = 0;
  savepoints = 0;
  failure: string | undefined;
  isOpen = true;
  readonly mode: StorageTransactionMode;
  readonly outer: Rollup | null = activeRollup();
  readonly totals: Totals;
  readonly interval: LongOpen;
  readonly #database: Instance;
  /** The context it began in; not read if no span is recorded. */
  readonly #begun: Context = this.outer === null ? ROOT_CONTEXT : activeContext();
  #tasks: (() => void)[] | undefined;
  #span: OpenSpan | undefined;

  constructor(database: Instance, totals: Totals, { mode, start, info }: TransactionStart) {
    this.#database = database;
    this.totals = totals;
    this.mode = mode;
    this.interval = new LongOpen(database, info, start, mode !== STORAGE_TRANSACTION_MODE_VALUE_DEFERRED);
  }

  context(): Context {
    if (this.outer === null) return activeContext();
    if (!spanPolicy.transactions || !this.isOpen) return this.#span?.context ?? this.#begun;
    if (this.#span === undefined) {
      // A span that needs a parent is notable, and therefore so is its transaction.
      this.outer.takeSpan(Infinity, undefined);
      this.#span = beginSpan(this.#database, this.interval.start, this.outer, this.#begun);
    }
    return this.#span.context;
  }

  /** A deferred transaction holds a snapshot from its first statement on. */
  get snapshotSince(): bigint | undefined {
    return this.mode !== STORAGE_TRANSACTION_MODE_VALUE_DEFERRED || this.statements > 0
      ? this.interval.start
      : undefined;
  }

  later(task: () => void): void {
    this.#tasks ??= [];
    if (this.#tasks.length < MAX_TASKS) this.#tasks.push(task);
  }

  /** Records the end of the transaction. */
  ended(nanoseconds: number): void {
    this.interval.end(nanoseconds);
    if (this.#tasks !== undefined) for (const task of this.#tasks) task();
  }

  /** Records the span and adds the totals of the transaction to those of the surrounding span. */
  finish(transaction: FinishedTransaction): void {
    const { outer, totals } = this;
    this.isOpen = false;
    if (outer === null) return;
    const { nanoseconds, failure } = transaction;
    if (this.#span !== undefined || (spanPolicy.transactions && outer.takeSpan(nanoseconds, failure))) {
      this.#span ??= beginSpan(this.#database, this.interval.start, outer, this.#begun);
      this.#span.end(endingOf(this.#database, transaction, totals.copy()));
    }
    if (outer.isOpen) outer.totalsOf(this.#database).merge(totals);
    totals.reset();
  }
}

// oxlint-disable-next-line max-params
function beginSpan({ attributes }: Instance, start: bigint, { anchor }: Rollup, parent: Context): OpenSpan {
  return openActivitySpan(KIND_STORAGE_TRANSACTION, attributes, { start, anchor, parent });
}

function endingOf(database: Instance, transaction: FinishedTransaction, totals?: Totals): SpanEnding {
  const { nanoseconds, failure } = transaction;
  const attributes = (): Attributes => attributesOf(database, transaction, totals);
  return { nanoseconds, attributes, isFailed: failure !== undefined };
}

function attributesOf(database: Instance, transaction: FinishedTransaction, totals?: Totals): Attributes {
  const { mode, outcome, failure, statements, savepoints } = transaction;
  const attributes: Attributes = {
    ...database.attributes,
    [ATTR_STORAGE_TRANSACTION_MODE]: mode,
    [ATTR_STORAGE_TRANSACTION_OUTCOME]: outcome,
    [ATTR_STORAGE_TRANSACTION_STATEMENTS]: statements,
  };
  totals?.describe(attributes);
  if (savepoints > 0) attributes[ATTR_STORAGE_TRANSACTION_SAVEPOINTS] = savepoints;
  if (failure !== undefined) attributes[ATTR_ERROR_TYPE] = failure;
  return attributes;
}

/** Transactions of one database, as every engine reports them. */
export class Transactions {
  readonly #database: Instance;
  readonly #active: SumSeries;
  readonly #unwatch: () => void;
  readonly #commits: HistogramSeries;
  readonly #lockRetries: SumSeries;
  readonly #conflicts: Readonly<Record<StorageConflictReason, SumSeries>>;
  /** Series of committed transactions, by mode. */
  readonly #committed = new Map<StorageTransactionMode, HistogramSeries>();
  /** Reused: only one transaction is open at a time. */
  readonly #totals = new Totals();
  readonly #lock: StorageLockType;
  #current: OpenTransaction | null = null;

  /** @param lock the lock that a transaction waits for */
  constructor(database: Instance, lock: StorageLockType = STORAGE_LOCK_TYPE_VALUE_WRITE) {
    const { attributes } = database;
    this.#database = database;
    this.#lock = lock;
    this.#active = active.bind(attributes);
    this.#commits = commitDurations.bind(attributes);
    // Bound now: an alert on the first conflict requires the series to exist before it.
    const bind = (reason: StorageConflictReason): SumSeries =>
      conflicts.bind({ ...attributes, [ATTR_STORAGE_CONFLICT_REASON]: reason });
    this.#conflicts = { busy: bind("busy"), serialization: bind("serialization") };
    this.#lockWaits();
    this.#lockRetries = lockRetries.bind({ ...attributes, [ATTR_STORAGE_LOCK_TYPE]: lock });
    this.#unwatch = watchAge(KIND_STORAGE_TRANSACTION, { attributes, since: () => this.#since() });
  }

  get isOpen(): boolean {
    return this.#current !== null;
  }

  begin(beginning: TransactionStart): void {
    this.#current = new OpenTransaction(this.#database, this.#totals, beginning);
    this.#database.scope = this.#current;
    this.#active.add(1);
  }

  /** Adds to the open transaction the statements and savepoints that were not observed individually. */
  contains(statements: number, savepoints: number): void {
    if (this.#current === null) return;
    this.#current.statements += statements;
    this.#current.savepoints += savepoints;
  }

  /** Marks the open transaction as failed, independent of its outcome. */
  fail(failure: string): void {
    if (this.#current !== null) this.#current.failure = failure;
  }

  /** `error.type` of the last statement of the open transaction, if it failed. */
  get failure(): string | undefined {
    return this.#current?.failure;
  }

  /** Ends the transaction by a call with the given start and the given duration in nanoseconds. */
  end({ outcome, failure }: TransactionResult, began: bigint, nanoseconds: number): void {
    const transaction = this.#current;
    if (transaction === null) return;
    this.#current = null;
    this.#database.scope = null;
    this.#active.add(-1);
    const { mode, statements, savepoints, outer } = transaction;
    const { start } = transaction.interval;
    const whole = Number(began - start) + nanoseconds;
    const finished = { mode, outcome, failure, start, nanoseconds: whole, statements, savepoints };
    this.#record(finished, outer);
    transaction.finish(finished);
    transaction.ended(whole);
  }

  /** Records a transaction that began and ended inside one call. */
  whole(transaction: FinishedTransaction): void {
    const outer = activeRollup();
    this.#record(transaction, outer);
    if (outer === null || !spanPolicy.transactions) return;
    if (!outer.takeSpan(transaction.nanoseconds, transaction.failure)) return;
    const span = beginSpan(this.#database, transaction.start, outer, activeContext());
    span.end(endingOf(this.#database, transaction));
  }

  /**
   * Records a single write outside of an explicit transaction, or an attempt to begin one. It is counted; it has no
   * span besides that of the statement.
   */
  implicit(transaction: FinishedTransaction): void {
    this.#record(transaction, activeRollup());
  }

  /** Records the statement that commits the open transaction. */
  committing(nanoseconds: number): void {
    recordWithin(this.#current?.outer ?? null, this.#commits, nanoseconds);
  }

  /** Records an attempt to acquire the lock alone, with its duration and the number of retries. */
  locked(nanoseconds: number, retries: number, failure?: string): void {
    const isWait = nanoseconds >= MIN_WAIT_NS;
    if (isWait || failure !== undefined) this.#lockWaits(failure).record(nanoseconds);
    if (!isWait) return;
    this.#lockRetries.add(retries);
    const current = this.#current;
    if (current === null) activeRollup()?.totalsOf(this.#database).addWait(nanoseconds);
    else if (current.outer !== null) current.totals.addWait(nanoseconds);
  }

  conflict(reason: StorageConflictReason): void {
    this.#conflicts[reason].add(1);
  }

  /** Records that the database was closed. */
  close(timestamp: bigint): void {
    this.end({ outcome: "rollback" }, timestamp, 0);
    this.#unwatch();
  }

  /** Start of the open transaction; undefined for one that the application uses as a lock. */
  #since(): bigint | undefined {
    return this.#current === null || this.#current.interval.isLock ? undefined : this.#current.interval.start;
  }

  #lockWaits(failure?: string): HistogramSeries {
    return lockWaits.bind({
      ...this.#database.attributes,
      [ATTR_STORAGE_LOCK_TYPE]: this.#lock,
      [ATTR_ERROR_TYPE]: failure,
    });
  }

  #record({ mode, outcome, failure, nanoseconds }: FinishedTransaction, outer: Rollup | null): void {
    const duration = outcome === "commit" ? this.#commitDuration(mode) : this.#bind(mode, outcome, failure);
    recordWithin(outer, duration, nanoseconds);
  }

  #commitDuration(mode: StorageTransactionMode): HistogramSeries {
    let duration = this.#committed.get(mode);
    if (duration === undefined) {
      duration = this.#bind(mode, "commit", undefined);
      this.#committed.set(mode, duration);
    }
    return duration;
  }

  #bind(
    mode: StorageTransactionMode,
    outcome: StorageTransactionOutcome,
    failure: string | undefined,
  ): HistogramSeries {
    return durations.bind({
      ...this.#database.attributes,
      [ATTR_STORAGE_TRANSACTION_MODE]: mode,
      [ATTR_STORAGE_TRANSACTION_OUTCOME]: outcome,
      [ATTR_ERROR_TYPE]: failure,
    });
  }
}
