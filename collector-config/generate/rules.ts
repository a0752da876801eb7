import { stringify } from "yaml";
import type { Alert, Objective, Recording } from "../definitions/alert.ts";
import { Query, type Vocabulary } from "./promql.ts";

/** Where the runbooks are published; a rule links to the page of its alert. */
export const RUNBOOKS = "https://stratascope.dev/runbooks";

const HEADER = "# Generated from collector-config/definitions by `npm run generate`. Do not edit.\n";

/** A rule as Prometheus reads it. */
export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export const toYaml = (content: unknown): string =>
  HEADER + stringify(content, { lineWidth: 0, aliasDuplicateObjects: false });

export function emitRules(groups: Readonly<Record<string, readonly Rule[]>>): string {
  return toYaml({ groups: Object.entries(groups).map(([name, rules]) => ({ name, rules })) });
}

export const runbookOf = (alert: string): string => `${RUNBOOKS}/${alert}`;

/** The expression of an alert with its threshold in it. */
export const expressionOf = ({ expression, threshold }: Alert): string =>
  expression.replaceAll("$threshold", String(threshold));

export function alertRule(alert: Alert, vocabulary: Vocabulary): Rule {
  const expr = new Query(expressionOf(alert), vocabulary).text;
  return {
    alert: alert.name,
    expr,
    ...(alert.for === undefined ? {} : { for: alert.for }),
    labels: { severity: alert.severity },
    annotations: { summary: alert.summary, runbook_url: runbookOf(alert.name) },
  };
}

/** Adds the name that is recorded to those that can be asked for. */
export function recordingRule({ record, expression, labels }: Recording, vocabulary: Vocabulary): Rule {
  const expr = new Query(expression, vocabulary).text;
  vocabulary.add(record, labels);
  return { record, expr };
}

/** How fast the budget of 30 days burns, over which windows, for how long, and how soon somebody has to look. */
export const BURN_RATES = [
  { factor: 14.4, long: "1h", short: "5m", for: "2m", severity: "critical" },
  { factor: 6, long: "6h", short: "30m", for: "15m", severity: "critical" },
  { factor: 3, long: "1d", short: "2h", for: "1h", severity: "warning" },
  { factor: 1, long: "3d", short: "6h", for: "3h", severity: "warning" },
] as const;

const WINDOWS = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"];

const ratioName = (name: string, window: string): string => `slo:${name}:error_ratio_rate${window}`;
export const burnAlert = (name: string): string => `${name}BudgetBurn`;

/** The share of bad events over each window. Where nothing failed it is 0, not nothing. */
export function objectiveRecordings({ name, bad, total }: Objective, vocabulary: Vocabulary): Rule[] {
  return WINDOWS.map((window) => {
    const over = (query: string): string => query.replaceAll("$window", window);
    const expression = `(${over(bad)} or 0 * ${over(total)})\n/ ${over(total)}`;
    return recordingRule({ record: ratioName(name, window), expression, labels: ["job"] }, vocabulary);
  });
}

/** The long window says that it matters, the short one that it still goes on. */
export function burnRules({ name, target, promise }: Objective, vocabulary: Vocabulary): Rule[] {
  // 1 - 0.999 is not 0.001.
  const budget = Number((1 - target).toPrecision(6));
  return BURN_RATES.map(({ factor, long, short, for: duration, severity }) => {
    const burns = (window: string): string => `${ratioName(name, window)} > ${factor} * ${budget}`;
    return {
      alert: burnAlert(name),
      expr: new Query(`${burns(long)}\nand ${burns(short)}`, vocabulary).text,
      for: duration,
      labels: { severity, long, short },
      annotations: { summary: burnSummary(promise, factor), runbook_url: runbookOf(burnAlert(name)) },
    };
  });
}

export const burnSummary = (promise: string, factor: number): string =>
  `${promise} {{ $labels.job }} breaks that ${factor} times as fast as it may.`;
