import { ROOT_CONTEXT } from "@opentelemetry/api";
import {
  ATTR_HEALTH_CHECK_NAME,
  ATTR_HEALTH_CHECK_TYPE,
  ATTR_HEALTH_STATE,
  EVENT_HEALTH_TRANSITION,
  METRIC_HEALTH_CHECK_STATUS,
  METRIC_HEALTH_STATUS,
  METRIC_HEALTH_TRANSITIONS,
  type HealthCheckType,
  type HealthState,
} from "../../../semconv/index.ts";
import type { SumSeries } from "../../metrics/series.ts";
import { HEALTH_STATES, isServing } from "../../health/check.ts";
import { attemptFinding, emitFinding } from "../../insights/emit.ts";
import { metricRegistry } from "../../metrics/registry.ts";

const overall = metricRegistry.instrument(METRIC_HEALTH_STATUS);
const ofChecks = metricRegistry.instrument(METRIC_HEALTH_CHECK_STATUS);
const transitions = metricRegistry.instrument(METRIC_HEALTH_TRANSITIONS);

/** State of a check, or the combined state of a type: reported as metrics, and as an event when it changes. */
export class ReportedState {
  readonly #type: HealthCheckType;
  readonly #name: string | undefined;
  #state: HealthState | undefined;

  constructor(type: HealthCheckType, name?: string) {
    this.#type = type;
    this.#name = name;
    if (name === undefined) for (const state of HEALTH_STATES) this.#count(state, 0);
  }

  /** Clears the state of a check that was removed. */
  forget(): void {
    for (const state of HEALTH_STATES) this.#series(state).value = 0;
  }

  /**
   * Records a state.
   * @param message the cause of the change
   */
  changed(state: HealthState, message: string | undefined): void {
    const before = this.#state;
    if (before === state) return;
    this.#state = state;
    for (const each of HEALTH_STATES) this.#series(each).value = each === state ? 1 : 0;
    if (before === undefined && state === "healthy") return;
    if (this.#name === undefined && before !== undefined) this.#count(state, 1);
    attemptFinding(() => this.#report(state, before, message));
  }

  #series(state: HealthState): SumSeries {
    const attributes = { [ATTR_HEALTH_CHECK_TYPE]: this.#type, [ATTR_HEALTH_STATE]: state };
    return this.#name === undefined
      ? overall.bind(attributes)
      : ofChecks.bind({ ...attributes, [ATTR_HEALTH_CHECK_NAME]: this.#name });
  }

  #count(state: HealthState, times: number): void {
    transitions.bind({ [ATTR_HEALTH_CHECK_TYPE]: this.#type, [ATTR_HEALTH_STATE]: state }).add(times);
  }

  #report(state: HealthState, before: HealthState | undefined, message: string | undefined): void {
    const subject = this.#name ?? this.#type;
    const change = before === undefined ? `is ${state}` : `went from ${before} to ${state}`;
    emitFinding({
      name: EVENT_HEALTH_TRANSITION,
      body: `${subject} ${change}${message === undefined ? "" : `: ${message}`}`,
      severity: state === "healthy" ? "INFO" : isServing(state) ? "WARN" : "ERROR",
      attributes: {
        [ATTR_HEALTH_CHECK_TYPE]: this.#type,
        [ATTR_HEALTH_STATE]: state,
        ...(this.#name === undefined ? {} : { [ATTR_HEALTH_CHECK_NAME]: this.#name }),
      },
      suppressed: 0,
      context: ROOT_CONTEXT,
    });
  }
}
