import { context, type Attributes, type Context } from "@opentelemetry/api";
import {
  ATTR_STORAGE_SNAPSHOT_AGE,
  ATTR_STORAGE_SNAPSHOT_OPEN,
  ATTR_STORAGE_WAL_PINNED_SIZE,
  EVENT_STORAGE_SNAPSHOT_HELD,
  EVENT_STORAGE_WAL_PINNED,
  METRIC_STORAGE_SNAPSHOT_HELD,
} from "../../semconv/index.ts";
import { now } from "../runtime/clock.ts";
import type { Instance } from "../recording/instance.ts";
import { identityOf } from "../recording/series-attributes.ts";
import { metricRegistry } from "../metrics/registry.ts";
import type { OperationInfo } from "../recording/operation-info.ts";
import { statementAttributes } from "../recording/record-span.ts";
import { callSite } from "./call-site.ts";
import { rateLimitOf } from "../runtime/rate-limit.ts";
import { attemptFinding, emitFinding } from "./emit.ts";
import { guard } from "./guard.ts";
import { findingPolicy } from "./thresholds.ts";

const longOpenTotal = metricRegistry.instrument(METRIC_STORAGE_SNAPSHOT_HELD);

/** Linked list of everything that is open: a set would cost several percent of a short transaction. */
let oldest: LongOpen | null = null;
let newest: LongOpen | null = null;

function append(entry: LongOpen): void {
  entry.older = newest;
  if (newest === null) oldest = entry;
  else newest.newer = entry;
  newest = entry;
}

function remove(entry: LongOpen): void {
  const { older, newer } = entry;
  if (older === null) oldest = newer;
  else older.newer = newer;
  if (newer === null) newest = older;
  else newer.older = older;
  entry.older = entry.newer = null;
}

/**
 * Open transaction or iteration: while it is open, the engine must retain its snapshot, and everything that is written
 * meanwhile accumulates.
 */
export class LongOpen {
  readonly database: Instance;
  /** The statement that opened it. */
  readonly info: OperationInfo;
  readonly start: bigint;
  /**
   * Set once the threshold is exceeded. Reading the stack costs as much as a short transaction, so it is read only
   * then, at the next use: that one is made by the code that keeps it open.
   */
  needsCallSite = false;
  /** Neighbours in the list, which is in the order of opening. */
  older: LongOpen | null = null;
  newer: LongOpen | null = null;
  #site: Attributes | undefined;
  #context: Context | undefined;
  #isReported = false;
  readonly #isLocking: boolean;

  /** @param isLocking true if it keeps other connections from writing before it has written anything */
  // oxlint-disable-next-line max-params -- an object for each transaction would have to be collected
  constructor(database: Instance, info: OperationInfo, start: bigint, isLocking: boolean) {
    this.database = database;
    this.info = info;
    this.start = start;
    this.#isLocking = isLocking;
    append(this);
  }

  /** True if the application uses the database as a lock between processes, which it holds on purpose. */
  get isLock(): boolean {
    return this.#isLocking && !this.database.holdsData;
  }

  /** Records the call site of the current use. */
  used(): void {
    this.needsCallSite = false;
    attemptFinding(() => {
      this.#site = callSite();
      this.#context = context.active();
    });
  }

  /** Records that the application ended it. */
  end(nanoseconds: number): void {
    remove(this);
    if (nanoseconds < findingPolicy.longOpen) return;
    if (!this.isLock) longOpenTotal.bind(identityOf(this.database, this.info)).add(1);
    if (this.#site === undefined) this.used();
    this.#report(nanoseconds, false);
  }

  /** Records that it is open beyond the threshold. */
  exceeded(nanoseconds: number): void {
    this.needsCallSite = this.#site === undefined;
    if (nanoseconds >= ABANDONED_FACTOR * findingPolicy.longOpen) this.#report(nanoseconds, true);
  }

  #report(nanoseconds: number, isOpen: boolean): void {
    if (this.#isReported) return;
    this.#isReported = true;
    attemptFinding(() => {
      const suppressed = rateLimitOf(this.database).tryAcquire(now());
      if (suppressed !== undefined) this.#emit(nanoseconds / 1e9, isOpen, suppressed);
    });
  }

  #emit(age: number, isOpen: boolean, suppressed: number): void {
    const pinned = this.database.log?.pinned();
    const { summary } = this.info;
    const attributes: Attributes = {
      ...statementAttributes(this.info, this.database),
      ...this.#site,
      [ATTR_STORAGE_SNAPSHOT_AGE]: age,
      [ATTR_STORAGE_SNAPSHOT_OPEN]: isOpen,
    };
    let body = `${summary} ${isOpen ? "has been" : "was"} open for ${age.toFixed(1)} s`;
    if (pinned !== undefined) {
      attributes[ATTR_STORAGE_WAL_PINNED_SIZE] = pinned;
      body += `; ${(pinned / 1e6).toFixed(1)} MB of the write-ahead log could not be checkpointed`;
    }
    if (this.isLock) body += "; nothing is read or written there, it is a lock";
    emitFinding({
      name: pinned === undefined ? EVENT_STORAGE_SNAPSHOT_HELD : EVENT_STORAGE_WAL_PINNED,
      body,
      severity: this.isLock ? "INFO" : "WARN",
      attributes,
      suppressed,
      context: this.#context ?? context.active(),
    });
  }
}

/** Multiple of the threshold from which a finding is emitted while it is still open, since it may never end. */
const ABANDONED_FACTOR = 10;

/** Checks everything that is open against the threshold. */
export function checkOpen(): void {
  const timestamp = now();
  for (let entry = oldest; entry !== null; entry = entry.newer) {
    const age = Number(timestamp - entry.start);
    if (age < findingPolicy.longOpen) return;
    entry.exceeded(age);
  }
}

/** Returns the longest-open operation on the given databases. */
export function longestOpen(databases: ReadonlySet<Instance>): LongOpen | undefined {
  for (let entry = oldest; entry !== null; entry = entry.newer) if (databases.has(entry.database)) return entry;
  return undefined;
}

const CHECK_MS = 1_000;

/** Starts to check open operations periodically, without keeping the process alive. */
export function watchOpen(): void {
  if (findingPolicy.longOpen !== Infinity) setInterval(guard.whileEnabled(checkOpen), CHECK_MS).unref();
}
