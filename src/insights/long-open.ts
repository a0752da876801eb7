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
import type { Database } from "../recording/instance.ts";
import { identityOf } from "../recording/series-attributes.ts";
import { hotMetrics } from "../metrics/registry.ts";
import type { OperationInfo } from "../recording/operation-info.ts";
import { statementAttributes } from "../recording/record-span.ts";
import { callSite } from "./call-site.ts";
import { rateLimitOf } from "../runtime/rate-limit.ts";
import { attemptFinding, emitFinding } from "./emit.ts";
import { guard } from "./guard.ts";
import { findingPolicy } from "./thresholds.ts";

const heldLong = hotMetrics.instrument(METRIC_STORAGE_SNAPSHOT_HELD);

/** All that is open, as a list: a set would cost several percent of a short transaction. */
let oldest: LongOpen | null = null;
let newest: LongOpen | null = null;

function append(held: LongOpen): void {
  held.older = newest;
  if (newest === null) oldest = held;
  else newest.newer = held;
  newest = held;
}

function remove(held: LongOpen): void {
  const { older, newer } = held;
  if (older === null) oldest = newer;
  else older.newer = newer;
  if (newer === null) newest = older;
  else newer.older = older;
  held.older = held.newer = null;
}

/**
 * A transaction or an iteration that is open: as long as it is, the engine has to keep what it sees, and everything
 * that is written meanwhile piles up.
 */
export class LongOpen {
  readonly database: Database;
  /** The statement that opened it. */
  readonly info: OperationInfo;
  readonly start: bigint;
  /**
   * Set once it is old. Reading the stack costs as much as a short transaction, so it is read only then, at the next
   * use: that is made by the code that keeps it open.
   */
  needsCallSite = false;
  /** What was opened before it, and after it. */
  older: LongOpen | null = null;
  newer: LongOpen | null = null;
  #site: Attributes | undefined;
  #context: Context | undefined;
  #isTold = false;
  readonly #isLocking: boolean;

  /** @param isLocking whether it keeps others from writing before it has written anything */
  // oxlint-disable-next-line max-params -- an object for each transaction would have to be collected
  constructor(database: Database, info: OperationInfo, start: bigint, isLocking: boolean) {
    this.database = database;
    this.info = info;
    this.start = start;
    this.#isLocking = isLocking;
    append(this);
  }

  /** Whether the application uses the database as a lock between processes, and means to keep it. */
  get isLock(): boolean {
    return this.#isLocking && !this.database.holdsData;
  }

  /** The application uses it at this moment. */
  used(): void {
    this.needsCallSite = false;
    attemptFinding(() => {
      this.#site = callSite();
      this.#context = context.active();
    });
  }

  /** The application ended it at this moment. */
  end(nanoseconds: number): void {
    remove(this);
    if (nanoseconds < findingPolicy.held) return;
    if (!this.isLock) heldLong.bind(identityOf(this.database, this.info)).add(1);
    if (this.#site === undefined) this.used();
    this.#tell(nanoseconds, false);
  }

  /** It is open at this moment, longer than it should be. */
  exceeded(nanoseconds: number): void {
    this.needsCallSite = this.#site === undefined;
    if (nanoseconds >= ABANDONED * findingPolicy.held) this.#tell(nanoseconds, true);
  }

  #tell(nanoseconds: number, isOpen: boolean): void {
    if (this.#isTold) return;
    this.#isTold = true;
    attemptFinding(() => {
      const suppressed = rateLimitOf(this.database).spend(now());
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

/** What is open for so many times as long as it should be may never end, so it is told of while it is open. */
const ABANDONED = 10;

/** Looks at what is open. */
export function checkOpen(): void {
  const moment = now();
  for (let held = oldest; held !== null; held = held.newer) {
    const age = Number(moment - held.start);
    if (age < findingPolicy.held) return;
    held.exceeded(age);
  }
}

/** What has been open for the longest time of what the given databases have open. */
export function longestOpen(databases: ReadonlySet<Database>): LongOpen | undefined {
  for (let held = oldest; held !== null; held = held.newer) if (databases.has(held.database)) return held;
  return undefined;
}

const INTERVAL_MILLISECONDS = 1_000;

/** Looks at what is open from now on, without keeping the process alive. */
export function watchOpen(): void {
  if (findingPolicy.held !== Infinity) setInterval(guard.whileEnabled(checkOpen), INTERVAL_MILLISECONDS).unref();
}
