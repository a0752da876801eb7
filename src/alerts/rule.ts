import type { Attributes } from "@opentelemetry/api";
import type * as semconv from "../../semconv/index.ts";

/** How a metric is compared. */
export const CONDITIONS = ["above", "below", "absent", "rate_above", "rate_below"] as const;
export type AlertCondition = (typeof CONDITIONS)[number];

/** What of a histogram is compared; of the other metrics it is their value. */
export const STATISTICS = ["count", "sum", "average", "p50", "p90", "p95", "p99"] as const;
export type AlertStatistic = (typeof STATISTICS)[number];

/** What an alert is about, as it is written down. */
export interface AlertRule {
  readonly name: string;
  /** Name of one of our metrics, as in OTLP. */
  readonly metric: string;
  readonly condition: AlertCondition;
  /** In the unit of the metric, for a rate in a second; what is `absent` needs none. */
  readonly threshold?: number;
  /** `warning` unless it is said. */
  readonly severity?: semconv.AlertSeverity;
  /** Seconds for which it has to be so before the alert fires; 0 unless it is said. */
  readonly duration?: number;
  /** Seconds over which rates and histograms are taken; 300 unless it is said. */
  readonly window?: number;
  /** What of a histogram is compared: `p95` unless it is said; a rate is that of the count. */
  readonly statistic?: AlertStatistic;
  /** Attributes the series have to have; a value that ends with `*` stands for all that begin so, `*` for any. */
  readonly where?: Readonly<Record<string, string>>;
  /** Attributes that make alerts of their own; the others are added up, of gauges the greatest is taken. */
  readonly by?: readonly string[];
  /** For people. */
  readonly message?: string;
}

/** A rule with all that may be left out. */
export type CompleteRule = Required<AlertRule>;

/** An alert that is firing, or was. */
export interface Alert {
  readonly rule: CompleteRule;
  /** The attributes of the series it is about. */
  readonly attributes: Attributes;
  readonly state: "firing" | "resolved";
  /** What was compared last; undefined for what is absent. */
  readonly value: number | undefined;
  /** When it fired, and when it was resolved, in milliseconds of Unix time. */
  readonly firedAt: number;
  readonly resolvedAt?: number;
}

/** Called with alerts that fire or are resolved. */
export type AlertListener = (alerts: readonly Alert[]) => void;
