import { readFileSync } from "node:fs";
import { loadRegistry } from "../../semconv/resolve.ts";
import type { Registry } from "../../semconv/schema.ts";
import type { Alert } from "../definitions/alert.ts";
import { alertGroups, boards, foreign, objectives, recipes, recordings } from "../definitions/index.ts";
import { aliasGroups, aliasTests, emitAliasPage } from "./aliases.ts";
import { emitDashboard } from "./dashboards.ts";
import { Query, Vocabulary } from "./promql.ts";
import {
  alertRule,
  burnAlert,
  burnRules,
  emitRules,
  objectiveRecordings,
  recordingRule,
  toYaml,
  type Rule,
} from "./rules.ts";
import { emitAlertTests, emitObjectiveTests, emitRecordingTests } from "./rule-tests.ts";
import { emitQueryPage } from "./queries.ts";
import { emitObjectiveRunbook, emitRunbook, emitRunbookIndex } from "./runbooks.ts";
import { emitScrapeConfig } from "./scrape.ts";

const FOLDER = "collector-config";
const SCRAPE_CONFIG = `${FOLDER}/prometheus/prometheus.yaml`;

type File = readonly [file: string, text: string];

const alerts: readonly Alert[] = Object.values(alertGroups).flat();

/** Returns the names that queries may use: those of the registry, of foreign series and of recording rules. */
export function monitoringVocabulary(registry: Registry): Vocabulary {
  const vocabulary = new Vocabulary(registry, foreign);
  emitRuleFiles(vocabulary);
  return vocabulary;
}

/**
 * Generates rules, their tests, runbooks, dashboards and the scrape configuration.
 * @throws QueryError if one of them queries a series that does not exist
 * @throws RegistryError
 */
export function generateMonitoring(): Map<string, string> {
  const registry = loadRegistry("semconv/registry");
  const vocabulary = monitoringVocabulary(registry);
  return new Map([
    [SCRAPE_CONFIG, emitScrapeConfig(readFileSync(SCRAPE_CONFIG, "utf8"), registry)],
    ...emitRuleFiles(vocabulary),
    [`${FOLDER}/prometheus/tests/alerts.yaml`, emitAlertTests(alerts, ["../rules/alerts.yaml"])],
    [`${FOLDER}/prometheus/tests/recording.yaml`, emitRecordingTests(recordings, ["../rules/recording.yaml"])],
    [`${FOLDER}/prometheus/tests/objectives.yaml`, emitObjectiveTests(objectives, ["../rules/objectives.yaml"])],
    ...emitAliasFiles(vocabulary),
    [`${FOLDER}/QUERIES.md`, emitQueryPage(recipes, vocabulary)],
    ...emitRunbookFiles(vocabulary),
    ...boards.map((board): File => [
      `${FOLDER}/grafana/dashboards/${board.id}.json`,
      emitDashboard(board, alerts, vocabulary),
    ]),
  ]);
}

/** Writes the files of rules. Later rules may query the results of earlier recording rules. */
function emitRuleFiles(vocabulary: Vocabulary): File[] {
  const recording = recordings.map((each) => recordingRule(each, vocabulary));
  const groups = Object.entries(alertGroups).map(([group, members]): [string, Rule[]] => [
    group,
    members.map((alert) => alertRule(alert, vocabulary)),
  ]);
  const files = {
    recording: { recording },
    objectives: {
      "objective-ratios": objectives.flatMap((objective) => objectiveRecordings(objective, vocabulary)),
      "objective-alerts": objectives.flatMap((objective) => burnRules(objective, vocabulary)),
    },
    alerts: Object.fromEntries(groups),
  };
  return Object.entries(files).map(([name, rules]) => [`${FOLDER}/prometheus/rules/${name}.yaml`, emitRules(rules)]);
}

const emitAliasFiles = (vocabulary: Vocabulary): File[] => [
  [`${FOLDER}/ALIASES.md`, emitAliasPage()],
  [`${FOLDER}/prometheus/aliases.yaml`, emitRules(aliasGroups(vocabulary))],
  [
    `${FOLDER}/prometheus/tests/aliases.yaml`,
    toYaml({ rule_files: ["../aliases.yaml"], evaluation_interval: "1m", tests: aliasTests() }),
  ],
];

const page = (name: string, text: string): File => [`${FOLDER}/runbooks/${name}.md`, text];

function emitRunbookFiles(vocabulary: Vocabulary): File[] {
  for (const [, query] of [...alerts, ...objectives].flatMap(({ look }) => look)) void new Query(query, vocabulary);
  return [
    page("README", emitRunbookIndex(alerts, objectives)),
    ...alerts.map((alert) => page(alert.name, emitRunbook(alert))),
    ...objectives.map((objective) => page(burnAlert(objective.name), emitObjectiveRunbook(objective))),
  ];
}
