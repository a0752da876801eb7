import * as semconv from "../../../semconv/index.ts";
import { CONDITIONS, STATISTICS, type AlertRule, type CompleteRule } from "../../alerts/rule.ts";

const SEVERITIES = ["info", "warning", "critical", "emergency"] as const satisfies readonly semconv.AlertSeverity[];

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

/** Names of our metrics. */
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

/** Accepted values of each field. */
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
 * Validates a rule and adds the defaults.
 * @throws TypeError that describes the problem
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
