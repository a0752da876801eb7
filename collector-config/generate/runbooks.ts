import type { Alert, Look, Objective } from "../definitions/alert.ts";
import { BURN_RATES, burnAlert, expressionOf } from "./rules.ts";

const HEADER = "<!-- Generated from collector-config/definitions by `npm run generate`. Do not edit. -->";

interface Page {
  readonly name: string;
  /** Conditions under which it fires. */
  readonly when: readonly string[];
  readonly meaning: string;
  readonly impact: string;
  readonly look: readonly Look[];
  readonly actions: readonly string[];
}

const promql = (query: string): string => `\`\`\`promql\n${query}\n\`\`\``;

function emitPage({ name, when, meaning, impact, look, actions }: Page): string {
  return [
    HEADER,
    `# ${name}`,
    ...when,
    "## Meaning",
    meaning,
    "## Impact",
    impact,
    "## Look here",
    ...look.flatMap(([shows, query]) => [`${capitalise(shows)}:`, promql(query)]),
    "## Do this",
    actions.map((action, i) => `${i + 1}. ${action}`).join("\n"),
    "",
  ].join("\n\n");
}

const capitalise = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

/** Writes the page of an alert: its meaning, its impact, queries to look at, and actions. */
export function emitRunbook(alert: Alert): string {
  const duration = alert.for === undefined ? "as soon as" : `when for ${alert.for}`;
  return emitPage({ ...alert, when: [`A ${alert.severity} alert, ${duration}:`, promql(expressionOf(alert))] });
}

export function emitObjectiveRunbook({ name, promise, target, impact, look, actions }: Objective): string {
  const rows = BURN_RATES.map(
    ({ factor, long, short, severity, for: duration }) =>
      `| ${severity} | ${factor} | ${long} and ${short} | ${duration} |`,
  );
  const table = ["| severity | times as fast | over the last | for |", "| --- | --- | --- | --- |", ...rows].join("\n");
  return emitPage({
    name: burnAlert(name),
    when: ["Fires when the budget of 30 days is used up faster than it may be:", table],
    meaning: `${promise} The promise (${target * 100} % over 30 days) is being broken: at this rate the month's allowance will not last.`,
    impact,
    look: [["the share of bad events", `slo:${name}:error_ratio_rate5m`], ...look],
    actions,
  });
}

/** Writes the list of all pages. */
export function emitRunbookIndex(alerts: readonly Alert[], objectives: readonly Objective[]): string {
  const rows = [
    ...alerts.map(
      ({ name, severity, meaning }) => `| [${name}](${name}.md) | ${severity} | ${firstSentence(meaning)} |`,
    ),
    ...objectives.map(
      ({ name, promise }) => `| [${burnAlert(name)}](${burnAlert(name)}.md) | critical, warning | ${promise} |`,
    ),
  ];
  return [HEADER, "# Runbooks", ["| alert | severity | |", "| --- | --- | --- |", ...rows].join("\n"), ""].join("\n\n");
}

const firstSentence = (text: string): string => /^.*?[.](?= |$)/.exec(text)![0];
