import * as semconv from "../../../semconv/index.ts";

const CONDITIONS = ["above", "below", "absent", "rate_above", "rate_below"] as const;
export type AlertCondition = (typeof CONDITIONS)[number];

const SEVERITIES = ["info", "warning", "critical", "emergency"] as const satisfies readonly semconv.AlertSeverity[];

/** What of a histogram is compared; of the other metrics it is their value. */
const STATISTICS = ["count", "sum", "average", "p50", "p90", "p95", "p99"] as const;
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

const DEFAULTS = {
  threshold: 0,
  severity: "warning",
  duration: 0,
  window: 300,
  statistic: "p95",
  where: {},
  by: [],
  message: "",
} as const;

/** The names of our metrics. */
const METRICS: ReadonlySet<unknown> = new Set(
  Object.entries(semconv).flatMap(([constant, value]) =>
    constant.startsWith("METRIC_") ? (value as semconv.MetricDefinition).name : [],
  ),
);

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string" && value !== "";
const isSeconds: Check = (value) => typeof value === "number" && value >= 0 && value <= 86_400;
const oneOf =
  (choices: readonly string[]): Check =>
  (value) =>
    choices.includes(value as string);

/** Each field with what it may be. */
const FIELDS: Readonly<Record<keyof CompleteRule, readonly [accepts: string, check: Check]>> = {
  name: ["a text", isText],
  metric: ["the name of one of our metrics, as in OTLP", (value) => METRICS.has(value)],
  condition: [`one of ${CONDITIONS.join(", ")}`, oneOf(CONDITIONS)],
  threshold: ["a number", (value) => typeof value === "number" && Number.isFinite(value)],
  severity: [`one of ${SEVERITIES.join(", ")}`, oneOf(SEVERITIES)],
  duration: ["seconds up to a day", isSeconds],
  window: ["seconds up to a day", (value) => isSeconds(value) && value !== 0],
  statistic: [`one of ${STATISTICS.join(", ")}`, oneOf(STATISTICS)],
  where: [
    "attributes with texts",
    (value) => typeof value === "object" && value !== null && Object.values(value).every(isText),
  ],
  by: ["a list of attributes", (value) => Array.isArray(value) && value.every(isText)],
  message: ["a text", (value) => typeof value === "string"],
};

/**
 * Reads a rule.
 * @throws TypeError that says what is wrong with it
 */
export function completeRule(given: unknown): CompleteRule {
  if (typeof given !== "object" || given === null) throw new TypeError("is no rule");
  for (const field of Object.keys(given)) {
    if (!Object.hasOwn(FIELDS, field))
      throw new TypeError(`has "${field}"; a rule has ${Object.keys(FIELDS).join(", ")}`);
  }
  const rule = { ...DEFAULTS, ...(given as AlertRule) };
  const needsThreshold = rule.condition !== "absent" && !Object.hasOwn(given, "threshold");
  for (const [field, [accepts, check]] of Object.entries(FIELDS)) {
    const isMissing = field === "threshold" && needsThreshold;
    if (isMissing || !check(rule[field as keyof CompleteRule]))
      throw new TypeError(`needs "${field}" to be ${accepts}`);
  }
  return rule;
}
