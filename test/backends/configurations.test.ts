import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { before, describe, it } from "mocha";
import { stringify } from "yaml";
import { alertGroups, boards, foreign, objectives } from "../../collector-config/definitions/index.ts";
import { debianProgram } from "../../collector-config/stack/debian.ts";
import { build, lackOf } from "../../collector-config/stack/go.ts";
import { narrowed, panelQueries } from "../../collector-config/generate/dashboards.ts";
import { monitoringVocabulary } from "../../collector-config/generate/index.ts";
import { runbookOf, RUNBOOKS } from "../../collector-config/generate/rules.ts";
import { loadRegistry } from "../../semconv/resolve.ts";
import { ROOT } from "../helpers/app.ts";
import { withValues } from "../helpers/dashboards.ts";
import { temporaryFolder } from "../helpers/temp.ts";

const CONFIG = join(ROOT, "collector-config");
const promtool = debianProgram("promtool");
const amtool = debianProgram("amtool");

/** What a program says, if it is not content. */
function complaints(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: CONFIG,
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  return status === 0 ? "" : stdout + stderr;
}

/** The variables that the heads of the configurations of the Collector name, with values of the right kind. */
const VARIABLES = {
  QUEUE_FOLDER: temporaryFolder(),
  GATEWAY: "dns:///gateway:4317",
  SAMPLERS: '{dns: {hostname: sampler, port: "4317"}}',
  PROMETHEUS_WRITE: "http://prometheus:9090/api/v1/write",
  INSTANCE: "gateway-1",
  TRACES_ENDPOINT: "jaeger:4317",
  LOG_FILE: join(temporaryFolder(), "logs.jsonl"),
  LOKI: "http://loki:3100",
  ELASTIC_OTLP: "https://elastic:443",
  ELASTIC_API_KEY: "key",
  METRICS_OTLP: "http://prometheus:9090/api/v1/otlp",
};

describe("the configuration of the Collectors", () => {
  let collector: string;
  before(function () {
    this.timeout(1_800_000);
    const lack = lackOf("collector");
    if (lack !== undefined) {
      console.log(`      not run: ${lack}`);
      this.skip();
    }
    collector = build("collector");
  });

  const combinations = [
    ["agent"],
    ["gateway"],
    ["sampler"],
    ...globSync("{logs,metrics}/*.yaml", { cwd: join(CONFIG, "collector") }).map((file) => [
      "gateway",
      file.replace(".yaml", ""),
    ]),
  ];
  for (const files of combinations) {
    it(`is valid: ${files.join(" with ")}`, () => {
      const args = files.map((file) => `--config=collector/${file}.yaml`);
      expect(complaints(collector, ["validate", ...args], VARIABLES)).to.equal("");
    });
  }

  it("is not valid with a mistake in it", () => {
    const args = ["validate", "--config=collector/agent.yaml", "--config=yaml:processors::memory_limiter::limit: 1"];
    expect(complaints(collector, args, VARIABLES)).to.contain("limit");
  });

  it("uses every component of the build, and no deprecated name", () => {
    const { stdout } = spawnSync(collector, ["components"], { encoding: "utf8" });
    const components = [...stdout.matchAll(/- name: (\w+)/g)].map(([, name]) => name!);
    const texts = globSync("collector/**/*.yaml", { cwd: CONFIG }).map((file) =>
      readFileSync(join(CONFIG, file), "utf8"),
    );
    const isUsed = (name: string): boolean => texts.some((text) => new RegExp(`^  ${name}(/\\w+)?:`, "m").test(text));
    expect(components).to.have.length.above(8);
    expect(components.filter((name) => !isUsed(name))).to.deep.equal([]);
  });
});

describe("the configuration of Prometheus and Alertmanager", () => {
  before(function () {
    if (promtool === undefined || amtool === undefined) {
      console.log("      not run: there is neither promtool nor amtool, nor a Debian to fetch them from");
      this.skip();
    }
  });

  it("is valid", () => {
    expect(complaints(promtool!, ["check", "config", "prometheus/prometheus.yaml"])).to.equal("");
    expect(complaints(amtool!, ["check-config", "prometheus/alertmanager.yaml"])).to.equal("");
  });

  it("has rules that are valid, and without duplicates", () => {
    const rules = globSync("prometheus/rules/*.yaml", { cwd: CONFIG });
    expect(rules).to.have.length(3);
    for (const files of [rules, ["prometheus/aliases.yaml"]])
      expect(complaints(promtool!, ["check", "rules", "--lint=all", "--lint-fatal", ...files])).to.equal("");
  });

  for (const file of globSync("prometheus/tests/*.yaml", { cwd: CONFIG })) {
    it(`has alerts that fire, and that are silent just before: ${file}`, () => {
      expect(complaints(promtool!, ["test", "rules", file])).to.equal("");
      // Days, minute by minute.
    }).timeout(600_000);
  }

  it("has for each alert a test of either kind", () => {
    const tests = readFileSync(join(CONFIG, "prometheus/tests/alerts.yaml"), "utf8");
    for (const { name } of Object.values(alertGroups).flat()) {
      expect(tests).to.contain(`name: ${name} fires`).and.to.contain(`name: ${name} is silent`);
    }
  });

  it("finds the example series in each panel that is empty without a failure", () => {
    const file = join(temporaryFolder(), "tests.yaml");
    const vocabulary = monitoringVocabulary(loadRegistry(join(ROOT, "semconv/registry")));
    const panels = boards
      .flatMap(({ rows }) => rows.flatMap((row) => row.panels))
      .filter(({ example }) => example !== undefined);
    expect(panels).to.have.length.above(5);
    const rules = panels.flatMap((panel, i) =>
      panelQueries(panel, vocabulary).map((query) => ({
        alert: `Panel${i}`,
        expr: `count(${withValues(narrowed(query), "5m")}) > 0`,
        labels: { severity: "info" },
      })),
    );
    const tests = panels.map(({ title, example, queries }, i) => ({
      name: title,
      interval: "1m",
      input_series: Object.entries(example!).map(([series, values]) => ({ series, values })),
      alert_rule_test: [
        {
          eval_time: "10m",
          alertname: `Panel${i}`,
          exp_alerts: queries.map(() => ({ exp_labels: { severity: "info" } })),
        },
      ],
    }));
    writeFileSync(join(file, "../rules.yaml"), stringify({ groups: [{ name: "panels", rules }] }));
    writeFileSync(file, stringify({ rule_files: ["rules.yaml"], evaluation_interval: "1m", tests }));
    expect(complaints(promtool!, ["test", "rules", file])).to.equal("");
  });
});

describe("runbooks", () => {
  const names = [
    ...Object.values(alertGroups).flatMap((alerts) => alerts.map(({ name }) => name)),
    ...objectives.map(({ name }) => `${name}BudgetBurn`),
  ];

  it("exist for each alert, and for nothing else", () => {
    const pages = globSync("runbooks/*.md", { cwd: CONFIG }).map((file) =>
      file.slice("runbooks/".length, -".md".length),
    );
    expect(pages.sort()).to.deep.equal([...names, "README"].sort());
  });

  it("are at the addresses in the rules", () => {
    const rules = globSync("prometheus/rules/*.yaml", { cwd: CONFIG }).map((file) =>
      readFileSync(join(CONFIG, file), "utf8"),
    );
    const links = new Set(rules.flatMap((text) => text.match(new RegExp(`${RUNBOOKS}/\\w+`, "g")) ?? []));
    expect([...links].sort()).to.deep.equal(names.map(runbookOf).sort());
    for (const link of links)
      expect(existsSync(join(CONFIG, `runbooks/${link.slice(RUNBOOKS.length + 1)}.md`))).to.equal(true);
  });
});

describe("foreign series", () => {
  it("are each queried", () => {
    const files = [
      ...globSync("grafana/dashboards/*.json", { cwd: CONFIG }),
      ...globSync("prometheus/rules/*.yaml", { cwd: CONFIG }),
    ];
    const text = files.map((file) => readFileSync(join(CONFIG, file), "utf8")).join("");
    expect(Object.keys(foreign).filter((name) => !text.includes(name))).to.deep.equal([]);
  });
});
