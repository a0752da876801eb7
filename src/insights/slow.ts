import {
  ATTR_STORAGE_OPERATION_BLOCKED_TIME,
  ATTR_STORAGE_OPERATION_TIME,
  ATTR_STORAGE_QUERY_PLAN,
  ATTR_STORAGE_SLOW_THRESHOLD,
  EVENT_STORAGE_EVENTLOOP_BLOCKED,
  EVENT_STORAGE_OPERATION_SLOW,
  METRIC_STORAGE_EVENTLOOP_BLOCKED_TIME,
  METRIC_STORAGE_OPERATION_SLOW,
} from "../../semconv/index.ts";
import { now } from "../runtime/clock.ts";
import type { Instance } from "../recording/instance.ts";
import { identityOf } from "../recording/series-attributes.ts";
import type { SumSeries } from "../metrics/series.ts";
import { metricRegistry } from "../metrics/registry.ts";
import type { OperationInfo } from "../recording/operation-info.ts";
import { operationAttributes, contextIn } from "../recording/record-span.ts";
import { callSite } from "./call-site.ts";
import { rateLimitOf } from "../runtime/rate-limit.ts";
import { attemptFinding, emitFinding, type Finding } from "./emit.ts";
import { blockedFor, findingPolicy } from "./thresholds.ts";

const slowOperations = metricRegistry.instrument(METRIC_STORAGE_OPERATION_SLOW);
const blockedTimes = metricRegistry.instrument(METRIC_STORAGE_EVENTLOOP_BLOCKED_TIME);

/** Run that took at least `findingPolicy.long`: long enough for a series, not necessarily for an event. */
export interface LongRun {
  readonly nanoseconds: number;
  readonly rows: number;
  readonly failure: string | undefined;
  /** Nanoseconds for which a run of several calls blocked the event loop; a single call blocked it for its duration. */
  readonly blocked: number | undefined;
  /** Number of records the engine read sequentially, if it reports them. */
  readonly scanned: number | undefined;
}

/** Long runs of one operation: each is counted, and emitted as an event within the rate limit. */
export class LongRuns {
  readonly #database: Instance;
  readonly #info: OperationInfo;
  readonly #slow: SumSeries;
  readonly #blockedTime: SumSeries;

  constructor(database: Instance, info: OperationInfo) {
    this.#database = database;
    this.#info = info;
    // Created before the first slow run: a rate cannot be calculated for a series that starts with the event itself.
    this.#slow = slowOperations.bind(identityOf(database, info));
    this.#blockedTime = blockedTimes.bind(identityOf(database, info));
  }

  add(run: LongRun): void {
    const isSlow = run.nanoseconds >= findingPolicy.slow;
    const blocked = run.blocked ?? blockedFor(run.nanoseconds);
    if (isSlow) this.#slow.add(1);
    if (blocked > 0) this.#blockedTime.add(blocked / 1e9);
    if (isSlow || blocked > 0) attemptFinding(() => this.#report(run, isSlow, blocked));
  }

  #report(run: LongRun, isSlow: boolean, blocked: number): void {
    const suppressed = rateLimitOf(this.#slow).tryAcquire(now());
    if (suppressed === undefined) return;
    const attributes = { ...operationAttributes(this.#info, this.#database, run), ...callSite() };
    attributes[ATTR_STORAGE_OPERATION_TIME] = run.nanoseconds / 1e9;
    if (isSlow) attributes[ATTR_STORAGE_SLOW_THRESHOLD] = findingPolicy.slow / 1e9;
    if (blocked > 0) attributes[ATTR_STORAGE_OPERATION_BLOCKED_TIME] = blocked / 1e9;
    const milliseconds = Math.round((isSlow ? run.nanoseconds : blocked) / 1e6);
    const finding = {
      name: isSlow ? EVENT_STORAGE_OPERATION_SLOW : EVENT_STORAGE_EVENTLOOP_BLOCKED,
      body: `${this.#info.summary} ${isSlow ? "took" : "blocked the event loop for"} ${milliseconds} ms`,
      severity: "WARN",
      attributes,
      suppressed,
      timestamp: Date.now(),
      context: contextIn(this.#database),
    } as const;
    const { scope } = this.#database;
    if (scope === null) this.#emit(finding);
    else scope.later(() => this.#emit(finding));
  }

  /** Emits a finding with its query plan. Planning does not run the statement, but takes time. */
  #emit(finding: Finding): void {
    const plan = this.#info.plan?.();
    if (plan !== undefined && plan.length > 0) finding.attributes[ATTR_STORAGE_QUERY_PLAN] = [...plan];
    emitFinding(finding);
  }
}
