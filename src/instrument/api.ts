import type { Attributes, Context } from "@opentelemetry/api";
import { types } from "node:util";
import type {
  ActivityKind,
  EventKind,
  MetricDefinition,
  StorageConflictReason,
  StoragePrimitive,
  StorageTransactionMode,
} from "../../semconv/index.ts";
import type { Measured } from "../recording/activity-series.ts";
import { databaseIdentity, Instance } from "../recording/instance.ts";
import { Boundary, OperationKind } from "../recording/operation-kind.ts";
import type { OperationHook } from "../recording/operation-info.ts";
import { recordActivity, recordBackground } from "../recording/record-activity.ts";
import type { Definition } from "../metrics/definition.ts";
import { HistogramSeries } from "../metrics/histogram.ts";
import { metricRegistry } from "../metrics/registry.ts";
import { SumSeries } from "../metrics/series.ts";
import { activeContext } from "../context/active.ts";
import type { Guard } from "../runtime/guard.ts";
import { Activity, type ActivityOptions } from "./activity.ts";
import { Polled, type Collector } from "./collectors.ts";
import { canFollow, followAlone, Iteration } from "./iteration.ts";
import { emitEvent } from "./emit-event.ts";
import { guardOf } from "./engine-guards.ts";
import { countOf, measuredOf, textOf } from "./given.ts";
import { followPromise } from "./follow-promise.ts";
import { countUntimed, Operation } from "./operation.ts";
import { PendingOperation } from "./pending-operation.ts";
import { SharedData } from "./thread-claims.ts";
import { Transaction } from "./transaction.ts";

/** Database to be observed. */
export interface DatabaseOptions {
  /** `db.system.name`: the engine, in lower case. */
  readonly system: string;
  /** `db.namespace`: a short name of the database, without a path. */
  readonly namespace: string;
  /** Identity of the data in all threads and connections, such as its folder; by default, each has data of its own. */
  readonly sharedBy?: string;
  /** Returns `error.type` of an error of the engine: a code, never a message. By default, the code or the class. */
  readonly errorType?: (error: unknown) => string;
  /** `storage.primitive`: the kind of data that operations work with. */
  readonly primitive?: StoragePrimitive;
}

/** Purpose of an operation: the column of the sums on the enclosing span. */
export type Purpose = "read" | "write" | "transaction" | "prepare" | "other";

/** Operation of a database, as data. */
export interface OperationOptions {
  /** `db.operation.name`: `get`, `put`. */
  readonly name: string;
  /** `db.collection.name`: the table, sublevel or column family, if the operation has one. */
  readonly target?: string;
  /** `db.query.summary` and name of the span; by default the name and the target. Must have few different values. */
  readonly summary?: string;
  /**
   * Activity that each run is as well, such as a search: its metrics and its span, which replaces that of the operation.
   * Its attributes are all that it has beside those of the database: not the name or the summary of the operation.
   */
  readonly activity?: { readonly kind: ActivityKind; readonly attributes?: Attributes };
}

/** End of an activity, or of one that was learned of afterwards. */
export interface Outcome extends Measured {
  /** Error of a run that failed. */
  readonly error?: unknown;
  /** Attributes that are known at the end only. */
  readonly attributes?: Attributes;
}

/** Activity that the engine reports when it is over. */
export interface CompletedRun extends Outcome {
  /** Unix time in nanoseconds. */
  readonly startUnixNanos: bigint;
  readonly endUnixNanos: bigint;
  /** Context in which it was caused: the span there becomes a link. */
  readonly cause?: Context;
}

const PURPOSES: Readonly<Record<Purpose, OperationKind>> = {
  read: OperationKind.READ,
  write: OperationKind.WRITE,
  transaction: OperationKind.TRANSACTION,
  prepare: OperationKind.PREPARE,
  other: OperationKind.OTHER,
};

/** Runs code of the application inside of an activity, if that could be begun. */
function runInside<T>(guard: Guard, activity: Activity | undefined, code: () => T): T {
  const inside = activity && guard.attempt(() => activity.enter());
  return inside === undefined ? code() : inside(code);
}

/** Open activity. None of its methods throws, except for what the code given to `run` throws. */
export class ObservedActivity {
  readonly #guard: Guard;
  readonly #errorType: (error: unknown) => string;
  /** @internal */
  readonly activity: Activity | undefined;

  /** @internal */
  constructor(guard: Guard, errorType: (error: unknown) => string, activity: Activity | undefined) {
    this.#guard = guard;
    this.#errorType = errorType;
    this.activity = activity;
  }

  /** The context of what happens inside it. */
  get context(): Context {
    return this.#guard.attempt(() => this.activity?.context()) ?? activeContext();
  }

  /**
   * Runs code inside of it: operations of the instance, also after an `await`, are counted on it, and spans are its
   * children. Does not end it.
   */
  run<T>(code: () => T): T {
    return runInside(this.#guard, this.activity, code);
  }

  /** Ends it. A second call does nothing. */
  end(ending: Outcome = {}): void {
    this.#guard.attempt(() => {
      const { error, ...outcome } = { ...ending };
      this.activity?.finish({
        ...outcome,
        ...measuredOf(outcome),
        failure: error === undefined ? undefined : this.#errorType(error),
      });
    });
  }
}

/** Open transaction. None of its methods throws, except for what the code given to `run` throws. */
export class ObservedTransaction {
  readonly #guard: Guard;
  /** @internal */
  readonly activity: Transaction | undefined;

  /** @internal */
  constructor(guard: Guard, transaction: Transaction | undefined) {
    this.#guard = guard;
    this.activity = transaction;
  }

  /** Runs code inside of it, see {@link ObservedActivity.run}. */
  run<T>(code: () => T): T {
    return runInside(this.#guard, this.activity, code);
  }

  /** Records its commit. Like the other ends, does nothing if it has ended before. */
  committed(): void {
    this.#guard.attempt(() => this.activity?.committed());
  }

  /** Records a rollback: by the application, or because an operation in it failed. */
  rolledBack(): void {
    this.#guard.attempt(() => this.activity?.rolledBack());
  }

  /** Records that it ended by an error that is no conflict. */
  failed(error: unknown): void {
    this.#guard.attempt(() => this.activity?.failedBy(error));
  }

  /**
   * Records that another transaction was faster.
   * @param reason `busy` if it held the lock, `serialization` if it changed what this one had read
   */
  conflicted(reason: StorageConflictReason, error: unknown): void {
    this.#guard.attempt(() => this.activity?.conflicted(reason, error));
  }
}

/** Run of an operation that has begun. None of its methods throws. */
export class ObservedRun {
  readonly #guard: Guard;
  readonly #run: PendingOperation | undefined;

  /** @internal */
  constructor(guard: Guard, run: PendingOperation | undefined) {
    this.#guard = guard;
    this.#run = run;
  }

  /**
   * Records its success.
   * @param items records returned or changed
   */
  succeeded(items = 0): void {
    this.#guard.attempt(() => this.#run?.succeeded(countOf(items)));
  }

  /** Records its error. A second end does nothing. */
  failed(error: unknown): void {
    this.#guard.attempt(() => this.#run?.failed(error));
  }
}

/** Operation of an instance: created once, used for each run. */
export class ObservedOperation {
  readonly #guard: Guard;
  /** @internal */
  readonly operation: Operation | undefined;

  /** @internal */
  constructor(guard: Guard, operation: Operation | undefined) {
    this.#guard = guard;
    this.operation = operation;
  }

  /**
   * Runs code as one run of the operation. Its value, its promise's value, or its error reaches the caller unchanged. A
   * promise does not block the event loop; the time of code that returns anything else counts as blocking.
   * @param itemsOf returns the number of records that were returned or changed
   * @param within the activity it belongs to; by default that of the current context
   */
  run<T>(code: () => T, itemsOf?: (result: Awaited<T>) => number, within?: Within): T {
    const run = this.#begin(within);
    if (run === undefined) return code();
    const attempt = (record: () => void): void => this.#guard.attempt(record);
    let result: T;
    try {
      result = code();
    } catch (error) {
      attempt(() => run.failed(error, run.nanoseconds));
      throw error;
    }
    const counted = (value: unknown): number => countOf(this.#guard.attempt(() => itemsOf?.(value as Awaited<T>)));
    if (!types.isPromise(result)) {
      attempt(() => run.succeeded(counted(result), run.nanoseconds));
      return result;
    }
    return followPromise(result, {
      succeeded: (value) => attempt(() => run.succeeded(counted(value))),
      failed: (error) => attempt(() => run.failed(error)),
    }) as T;
  }

  /**
   * Follows an iterator, or an asynchronous one: one run from now to its end. Its duration is the time spent in its
   * steps, without what the caller does between two of them.
   * @returns the iterator that was given
   */
  iterate<T extends Iterator<unknown> | AsyncIterator<unknown>>(iterator: T, within?: Within): T {
    const operation = this.operation;
    this.#guard.attempt(() => {
      if (operation === undefined || !canFollow(iterator)) return;
      const run = this.#begin(within, false);
      if (run !== undefined) followAlone(iterator, new Iteration(this.#guard, operation, { nanoseconds: 0, run }));
    });
    return iterator;
  }

  /** Begins a run whose end is reported later, by a callback for example. Does not block the event loop. */
  begin(within?: Within): ObservedRun {
    return new ObservedRun(this.#guard, this.#begin(within));
  }

  /**
   * Records a synchronous run that has just returned, for the hot path: it allocates nothing.
   * @param items records returned or changed
   */
  succeeded(nanoseconds: number, items = 0): void {
    const operation = this.operation;
    if (operation === undefined) return;
    try {
      const time = countOf(nanoseconds);
      const rows = countOf(items);
      operation.succeeded(time, rows);
      if (operation.hook !== undefined)
        operation.reportToHook({ nanoseconds: time, rows, failure: undefined, result: undefined });
    } catch (error) {
      this.#guard.failed(error);
    }
  }

  /** Records a synchronous run that has just thrown. */
  failed(nanoseconds: number, error: unknown): void {
    const operation = this.operation;
    if (operation === undefined) return;
    this.#guard.attempt(() => {
      const time = countOf(nanoseconds);
      operation.failed(time, error);
      const failure = operation.database.errorType(error);
      operation.reportToHook({ nanoseconds: time, rows: 0, failure, result: undefined });
    });
  }

  #begin(within: Within | undefined, isCall = true): PendingOperation | undefined {
    const operation = this.operation;
    if (!this.#guard.enabled || operation === undefined) return undefined;
    return this.#guard.attempt(() => new PendingOperation(operation, within?.activity, isCall));
  }
}

/** Activity or transaction that an operation belongs to. */
export type Within = ObservedActivity | ObservedTransaction;

/** Open database of an engine that reports its own work. None of its methods throws. */
export class ObservedDatabase {
  readonly #guard: Guard;
  readonly #instance: Instance;
  readonly #errorType: (error: unknown) => string;
  readonly #sharedBy: string | undefined;
  #claim: SharedData | undefined;
  readonly #polled: Polled[] = [];
  #isClosed = false;

  /** @internal */
  constructor({ system, namespace, sharedBy, errorType, primitive }: DatabaseOptions) {
    this.#guard = guardOf(textOf(system));
    this.#instance = new Instance(databaseIdentity(textOf(system), textOf(namespace)), errorType, primitive);
    this.#errorType = this.#instance.errorType;
    this.#sharedBy = sharedBy === undefined ? undefined : `${textOf(system)}:${textOf(sharedBy)}`;
  }

  /** Declares an operation. Create it once, not for each run. */
  operation(purpose: Purpose, options: OperationOptions): ObservedOperation {
    const create = (): Operation => {
      const { name, target, summary = summaryOf(name, target), activity } = options;
      return new Operation(this.#instance, {
        kind: PURPOSES[purpose],
        boundary: Boundary.NONE,
        statements: 1,
        name,
        collection: target,
        summary,
        hook: activity && hookOf(this.#instance, activity),
      });
    };
    return new ObservedOperation(this.#guard, this.#guard.attempt(create));
  }

  /** Begins a transaction; several can be open at once. */
  transaction(mode: StorageTransactionMode, options?: ActivityOptions): ObservedTransaction {
    const begin = (): Transaction => new Transaction(this.#instance, mode, options);
    return new ObservedTransaction(this.#guard, this.#guard.attempt(begin));
  }

  /**
   * Begins an activity of a kind of `stratascope/semconv`, such as `KIND_STORAGE_COMPACTION`. Background work has `parent: "none"`: its
   * span is a root, with a link to the active span.
   */
  begin(kind: ActivityKind, options?: ActivityOptions): ObservedActivity {
    const begin = (): Activity => new Activity(this.#instance, kind, options);
    return new ObservedActivity(this.#guard, this.#errorType, this.#guard.attempt(begin));
  }

  /** Records an activity that the engine reports when it is over, with its actual start and end. */
  completed(kind: ActivityKind, completed: CompletedRun): void {
    this.#guard.attempt(() => {
      const { error, ...run } = completed;
      recordBackground(this.#instance, kind, {
        ...run,
        ...measuredOf(run),
        failure: error === undefined ? undefined : this.#errorType(error),
      });
    });
  }

  /** Reports an event of a kind of `stratascope/semconv` as a log record, at most ten of a kind a minute. */
  event(kind: EventKind, attributes?: Attributes): void {
    emitEvent(this.#instance, kind, attributes);
  }

  /**
   * Adds to a counter, or records in a histogram, of `stratascope/semconv`.
   * @param value in the unit of the metric, but nanoseconds for a histogram of seconds
   */
  record(metric: MetricDefinition, value: number, attributes?: Attributes): void {
    this.#guard.attempt(() => {
      if (!Number.isFinite(value)) return;
      const series = metricRegistry
        .instrument(metric as Definition)
        .bind({ ...this.#instance.attributes, ...attributes });
      if (series instanceof SumSeries) series.add(value);
      else if (series instanceof HistogramSeries) series.record(value);
    });
  }

  /** Polls values before each scrape or push, until the database is closed. */
  collect(collector: Collector): void {
    this.#guard.attempt(() => {
      if (this.#isClosed) return;
      if (this.#sharedBy !== undefined) this.#claim ??= SharedData.join(this.#sharedBy, this.#instance);
      this.#polled.push(new Polled(this.#instance, collector, this.#claim));
    });
  }

  /**
   * Ends what is open, transactions by a rollback, and the polled values of the database; its counts are exported for some
   * minutes.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#guard.attempt(() => {
      for (const each of this.#instance.open) this.#guard.attempt(() => each.deref()?.abandon());
      for (const polled of this.#polled) polled.close();
      this.#claim?.leave(this.#instance);
      countUntimed();
      this.#instance.closed();
    });
  }
}

/** Returns the hook by which the runs of an operation are those of an activity as well. */
const hookOf = (instance: Instance, { kind, attributes = {} }: OperationOptions["activity"] & {}): OperationHook => ({
  ran: (run) =>
    recordActivity(instance, kind, { ...run, attributes, items: run.failure === undefined ? run.rows : undefined }),
});

const summaryOf = (name: string, target: string | undefined): string =>
  target === undefined ? name : `${name} ${target}`;

/**
 * Observes a database of an engine that reports its own work. Works with and without stratascope running: without it,
 * nothing is exported.
 */
export const database = (options: DatabaseOptions): ObservedDatabase => new ObservedDatabase(options);
