import { alertGroups, boards, foreign, objectives, recordings } from "../../collector-config/definitions/index.ts";
import type { Registry } from "../schema.ts";
import { emitDashboard } from "./dashboards.ts";
import { Query, Vocabulary } from "./promql.ts";
import { alertRule, burnRules, emitRules, objectiveRecordings, recordingRule } from "./rules.ts";
import { emitAlertTests, emitObjectiveTests } from "./rule-tests.ts";
import { emitObjectiveRunbook, emitRunbook, emitRunbookIndex } from "./runbooks.ts";

const FOLDER = "collector-config";

/**
 * Rules, their tests, runbooks and dashboards by file.
 * @throws QueryError where one of them asks for something that nothing emits
 */
export function emitMonitoring(registry: Registry): [file: string, text: string][] {
  const vocabulary = new Vocabulary(registry, foreign);
  const alerts = Object.values(alertGroups).flat();
  const rules: [string, string][] = [
    ["recording", emitRules({ recording: recordings.map((recording) => recordingRule(recording, vocabulary)) })],
    [
      "objectives",
      emitRules({
        "objective-ratios": objectives.flatMap((objective) => objectiveRecordings(objective, vocabulary)),
        "objective-alerts": objectives.flatMap((objective) => burnRules(objective, vocabulary)),
      }),
    ],
    [
      "alerts",
      emitRules(
        Object.fromEntries(
          Object.entries(alertGroups).map(([group, members]) => [
            group,
            members.map((alert) => alertRule(alert, vocabulary)),
          ]),
        ),
      ),
    ],
  ];
  for (const [, query] of [...alerts, ...objectives].flatMap(({ look }) => look)) void new Query(query, vocabulary);
  return [
    ...rules.map(([name, text]): [string, string] => [`${FOLDER}/prometheus/rules/${name}.yaml`, text]),
    [`${FOLDER}/prometheus/tests/alerts.yaml`, emitAlertTests(alerts, ["../rules/alerts.yaml"])],
    [`${FOLDER}/prometheus/tests/objectives.yaml`, emitObjectiveTests(objectives, ["../rules/objectives.yaml"])],
    [`${FOLDER}/runbooks/README.md`, emitRunbookIndex(alerts, objectives)],
    ...alerts.map((alert): [string, string] => [`${FOLDER}/runbooks/${alert.name}.md`, emitRunbook(alert)]),
    ...objectives.map((objective): [string, string] => [
      `${FOLDER}/runbooks/${objective.name}BudgetBurn.md`,
      emitObjectiveRunbook(objective),
    ]),
    ...boards.map((board): [string, string] => [
      `${FOLDER}/grafana/dashboards/${board.id}.json`,
      emitDashboard(board, alerts, vocabulary),
    ]),
  ];
}
