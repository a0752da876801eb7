import { spawnSync } from "node:child_process";
import type { Attributes, Meter } from "@opentelemetry/api";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { AggregationTemporality, AggregationType, MeterProvider } from "@opentelemetry/sdk-metrics";
import { expect } from "chai";
import { describe, it } from "mocha";
import { debianProgram } from "../../../collector-config/stack/debian.ts";
import { METRIC_DB_CLIENT_OPERATION_DURATION as DURATION } from "../../../semconv/index.ts";
import { expose } from "../../../src/export/prometheus/text-format.ts";
import { MetricRegistry } from "../../../src/metrics/registry.ts";
import { SeriesProducer } from "../../../src/metrics/producer.ts";
import { pythonFolderWith } from "../../helpers/packages.ts";
import { seeded } from "../../helpers/random.ts";

/** Pieces of what an application may call things; most are no good name. */
const PIECES = [
  ..."a b x total _total _count _sum _bucket _created _info target target_info le quantile seconds bytes ratio".split(
    " ",
  ),
  ..."per . _ - / : 1 9 é 日本語 💥 constructor __proto__ __name__ otel.scope.name job instance".split(" "),
  ...'\ud800|\udc00|\0|\n|\r|\t| |"|\\|\\n|{|}|=|,|#|# EOF|\u2028|\x1b[31m|'.split("|"),
  "db.client.operation.duration",
  "y".repeat(300),
];
const UNITS = ["", "", "", "s", "By", "1", "%", "{a}/{b}", "/", "By/s", "total", "count", "日", "{".repeat(100), "sum"];
const NUMBERS = [0, -0, 1, -1, 0.5, 1e-320, 1e300, 2 ** 53, NaN, Infinity, -Infinity];
const BOUNDS = [
  [],
  [1, 2],
  [0],
  [-10, -1.5, 0, 1e7],
  [NaN, 1, 0.5],
  [1, 1, 2],
  [Infinity],
  [-Infinity, 1],
  [1e-9, 1e9],
];

/** Records into instruments with names that nobody would choose. */
class Chaos {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  record(meter: Meter): void {
    const options = { unit: this.#of(UNITS), description: this.#text() };
    const advice = { explicitBucketBoundaries: this.#of(BOUNDS) };
    const name = this.#text();
    const instruments = [
      () => this.#points((value, attributes) => meter.createCounter(name, options).add(value, attributes)),
      () => this.#points((value, attributes) => meter.createUpDownCounter(name, options).add(value, attributes)),
      () => this.#points((value, attributes) => meter.createGauge(name, options).record(value, attributes)),
      () =>
        this.#points((value, attributes) =>
          meter.createHistogram(name, { ...options, advice }).record(value, attributes),
        ),
      () =>
        meter
          .createObservableCounter(name, options)
          .addCallback((result) => this.#points((value, attributes) => result.observe(value, attributes))),
    ];
    this.#of(instruments)();
  }

  scope(provider: MeterProvider): Meter {
    return provider.getMeter(this.#text(), this.#text(), { schemaUrl: this.#text() });
  }

  attributes(): Attributes {
    const count = Math.floor(this.#random() * 4);
    const values = [this.#text(), true, 1.5, NaN, [this.#text()], undefined, "z".repeat(5_000)];
    return Object.fromEntries(Array.from({ length: count }, () => [this.#text(), this.#of(values)]));
  }

  #points(record: (value: number, attributes: Attributes) => void): void {
    for (let i = 0; i < 3; i++) record(this.#of(NUMBERS), this.attributes());
  }

  #text(): string {
    return Array.from({ length: Math.floor(this.#random() * 3) }, () => this.#of(PIECES)).join("");
  }

  #of<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)]!;
  }
}

/** A page of an application that calls things in the oddest ways, and of ours beside it. */
async function chaoticPages(seed: number): Promise<{ text: string; openMetrics: string }> {
  const registry = new MetricRegistry();
  registry.instrument(DURATION).bind({ "db.system.name": "sqlite", "db.namespace": "\ud800\n" }).record(1e6);
  const temporality = (): AggregationTemporality => AggregationTemporality.CUMULATIVE;
  const reader = new PrometheusExporter({
    preventServerStart: true,
    metricProducers: [new SeriesProducer(registry, { temporality, exponential: false })],
  });
  const chaos = new Chaos(seed);
  const provider = new MeterProvider({
    resource: resourceFromAttributes(chaos.attributes()),
    readers: [reader],
    views:
      seed % 3 === 0 ? [{ instrumentName: "*", aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }] : [],
  });
  for (let i = 0; i < 4; i++) {
    const meter = chaos.scope(provider);
    for (let k = 0; k < 12; k++) chaos.record(meter);
  }
  const { resourceMetrics } = await reader.collect();
  const omissions = { add() {} };
  return {
    text: String(expose(resourceMetrics, "text", { omissions })),
    openMetrics: String(expose(resourceMetrics, "openmetrics", { omissions })),
  };
}

const SEEDS = Array.from({ length: Number(process.env.SEEDS ?? 40) }, (_, i) => Number(process.env.SEED ?? 1) + i);

/** Reads pages, each in JSON on a line of its own, and says of each what is wrong with it. */
const STRICT_PARSER = `
import json, sys
from prometheus_client.parser import text_string_to_metric_families as text
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
for line in sys.stdin:
    seed, kind, page = json.loads(line)
    try:
        series = [(s.name, tuple(sorted(s.labels.items()))) for f in (text if kind == "text" else openmetrics)(page) for s in f.samples]
        if len(series) != len(set(series)): raise ValueError("a series twice")
        if not any(name == "db_client_operation_duration_seconds_count" for name, _ in series): raise ValueError("ours are not there")
    except Exception as error:
        print(seed, kind, repr(error)[:300])
`;

describe("a page of metrics with extreme names", () => {
  it("is taken by promtool", async function () {
    const promtool = debianProgram("promtool");
    if (promtool === undefined) {
      console.log("      not run: there is neither promtool on the PATH nor a Debian to fetch it from");
      return this.skip();
    }
    for (const seed of SEEDS) {
      const { text } = await chaoticPages(seed);
      const { status, stdout, stderr } = spawnSync(promtool, ["check", "metrics"], { input: text, encoding: "utf8" });
      // 3 is a matter of taste, such as a metric without help.
      expect(status, `seed ${seed}: ${stdout}${stderr}`).to.be.oneOf([0, 3]);
    }
  }).timeout(120_000);

  it("is taken by the strict parsers of prometheus_client, in both formats", async function () {
    const folder = pythonFolderWith("prometheus_client", "0.26.0");
    if (folder === undefined) {
      console.log("      not run: there is no Python, or it cannot install prometheus_client");
      return this.skip();
    }
    const pages = await Promise.all(SEEDS.map(async (seed) => [seed, await chaoticPages(seed)] as const));
    const input = pages.flatMap(([seed, { text, openMetrics }]) => [
      JSON.stringify([seed, "text", text]),
      JSON.stringify([seed, "openmetrics", openMetrics]),
    ]);
    const { stdout, stderr } = spawnSync("python3", ["-c", STRICT_PARSER], {
      input: input.join("\n"),
      encoding: "utf8",
      env: { ...process.env, PYTHONPATH: folder },
      maxBuffer: 64 * 1024 * 1024,
    });
    expect(stderr).to.equal("");
    expect(stdout).to.equal("");
  }).timeout(240_000);
});
