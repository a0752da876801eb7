import { stringify } from "yaml";
import type { Alert, Objective, Recording } from "../definitions/alert.ts";
import { Query, type Vocabulary } from "./promql.ts";

/** Address of the published runbooks; a rule links to the page of its alert. */
export const RUNBOOKS = "https://stratascope.dev/runbooks";

const HEADER = "# Generated from collector-config/definitions by `npm run generate`. Do not edit.\n";

/** Rule in the form that Prometheus reads. */
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

/** Returns the expression of an alert with its threshold. */
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

/** Creates a recording rule, and adds its name to those that can be queried. */
export function recordingRule({ record, expression, labels }: Recording, vocabulary: Vocabulary): Rule {
  const expr = new Query(expression, vocabulary).text;
  vocabulary.add(record, labels);
  return { record, expr };
}

/** Burn rates of the budget of 30 days: factor, windows, duration and severity. */
export const BURN_RATES = [
  { factor: 14.4, long: "1h", short: "5m", for: "2m", severity: "critical" },
  { factor: 6, long: "6h", short: "30m", for: "15m", severity: "critical" },
  { factor: 3, long: "1d", short: "2h", for: "1h", severity: "warning" },
  { factor: 1, long: "3d", short: "6h", for: "3h", severity: "warning" },
] as const;

const WINDOWS = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"];

const ratioName = (name: string, window: string): string => `slo:${name}:error_ratio_rate${window}`;
export const burnAlert = (name: string): string => `${name}BudgetBurn`;

/** Creates the recording rules of the ratio of bad events over each window; 0 if there were none. */
export function objectiveRecordings({ name, bad, total }: Objective, vocabulary: Vocabulary): Rule[] {
  return WINDOWS.map((window) => {
    const over = (query: string): string => query.replaceAll("$window", window);
    const expression = `(${over(bad)} or 0 * ${over(total)})\n/ ${over(total)}`;
    return recordingRule({ record: ratioName(name, window), expression, labels: ["job"] }, vocabulary);
  });
}

/** Creates the alerts of an objective: the long window shows that it matters, the short one that it continues. */
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
