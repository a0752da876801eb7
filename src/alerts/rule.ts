import type { Attributes } from "@opentelemetry/api";
import type * as semconv from "../../semconv/index.ts";

/** Conditions of a rule. */
export const CONDITIONS = ["above", "below", "absent", "rate_above", "rate_below"] as const;
export type AlertCondition = (typeof CONDITIONS)[number];

/** Statistics of a histogram that can be compared; other metrics are compared by their value. */
export const STATISTICS = ["count", "sum", "average", "p50", "p90", "p95", "p99"] as const;
export type AlertStatistic = (typeof STATISTICS)[number];

/** Definition of an alert. */
export interface AlertRule {
  readonly name: string;
  /** Name of one of our metrics, as in OTLP. */
  readonly metric: string;
  readonly condition: AlertCondition;
  /** In the unit of the metric; per second for a rate. `absent` needs none. */
  readonly threshold?: number;
  /** Default: `warning`. */
  readonly severity?: semconv.AlertSeverity;
  /** Seconds for which the condition must hold before the alert fires. Default: 0. */
  readonly duration?: number;
  /** Seconds of the window for rates and histograms. Default: 300. */
  readonly window?: number;
  /** Statistic of a histogram. Default: `p95`; a rate is that of the count. */
  readonly statistic?: AlertStatistic;
  /** Attributes the series must have; a value that ends with `*` matches any with that prefix, `*` any value. */
  readonly where?: Readonly<Record<string, string>>;
  /**
   * Attributes whose values have alerts of their own. Series that differ in other attributes are added up; for gauges
   * the maximum is taken.
   */
  readonly by?: readonly string[];
  /** Description for people. */
  readonly message?: string;
}

/** Rule with all defaults filled in. */
export type CompleteRule = Required<AlertRule>;

/** Alert that is or was firing. */
export interface Alert {
  readonly rule: CompleteRule;
  /** The attributes of its series. */
  readonly attributes: Attributes;
  readonly state: "firing" | "resolved";
  /** The last value compared; undefined for an absent metric. */
  readonly value: number | undefined;
  /** When it fired and when it was resolved, in milliseconds of Unix time. */
  readonly firedAt: number;
  readonly resolvedAt?: number;
}

/** Listener that is called with alerts that fire or are resolved. */
export type AlertListener = (alerts: readonly Alert[]) => void;
