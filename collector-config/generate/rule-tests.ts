import type { Alert, InputSeries, Objective, Recording } from "../definitions/alert.ts";
import { BURN_RATES, burnAlert, burnSummary, runbookOf, toYaml } from "./rules.ts";

const seriesOf = (series: InputSeries): unknown[] =>
  Object.entries(series).map(([name, values]) => ({ series: name, values }));

/** Writes promtool's tests: each alert fires on its example, and is silent on an example just below its condition. */
export function emitAlertTests(alerts: readonly Alert[], ruleFiles: readonly string[]): string {
  const tests = alerts.flatMap(({ name, severity, fires, silent }) => [
    {
      name: `${name} fires`,
      interval: "1m",
      input_series: seriesOf(fires.series),
      alert_rule_test: [
        {
          eval_time: fires.at,
          alertname: name,
          exp_alerts: [
            {
              exp_labels: { ...fires.labels, severity },
              exp_annotations: { summary: fires.summary, runbook_url: runbookOf(name) },
            },
          ],
        },
      ],
    },
    {
      name: `${name} is silent`,
      interval: "1m",
      input_series: seriesOf(silent.series),
      alert_rule_test: [{ eval_time: silent.at, alertname: name }],
    },
  ]);
  return toYaml({ rule_files: ruleFiles, evaluation_interval: "1m", tests });
}

/** Time of the check: 25 minutes after every second event became bad, the longest window does not exceed its limit yet. */
const AT = "85m";
const FAST = BURN_RATES.filter(({ severity }) => severity === "critical");

export function emitObjectiveTests(objectives: readonly Objective[], ruleFiles: readonly string[]): string {
  const tests = objectives.flatMap(({ name, promise, fires, silent }) => [
    {
      name: `${name} fires`,
      interval: "1m",
      input_series: seriesOf(fires),
      alert_rule_test: [
        {
          eval_time: AT,
          alertname: burnAlert(name),
          exp_alerts: FAST.map(({ factor, long, short, severity }) => ({
            exp_labels: { job: "api", severity, long, short },
            exp_annotations: {
              summary: burnSummary(promise, factor).replace("{{ $labels.job }}", "api"),
              runbook_url: runbookOf(burnAlert(name)),
            },
          })),
        },
      ],
    },
    {
      name: `${name} is silent`,
      interval: "1m",
      input_series: seriesOf(silent),
      alert_rule_test: [{ eval_time: "150m", alertname: burnAlert(name) }],
    },
  ]);
  return toYaml({ rule_files: ruleFiles, evaluation_interval: "1m", tests });
}

/** Writes promtool's tests of the recording rules that have an example. */
export function emitRecordingTests(recordings: readonly Recording[], ruleFiles: readonly string[]): string {
  const tests = recordings.flatMap(({ record, example }) =>
    example === undefined
      ? []
      : {
          name: record,
          interval: "1m",
          input_series: seriesOf(example.series),
          promql_expr_test: [
            {
              expr: record,
              eval_time: example.at,
              exp_samples: Object.entries(example.samples).map(([labels, value]) => ({
                labels: record + labels,
                value,
              })),
            },
          ],
        },
  );
  return toYaml({ rule_files: ruleFiles, evaluation_interval: "1m", tests });
}
