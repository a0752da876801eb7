import { diag, TraceFlags, type Meter } from "@opentelemetry/api";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  AggregationType,
  MeterProvider,
  type CollectionResult,
} from "@opentelemetry/sdk-metrics";
import { expect } from "chai";
import { describe, it } from "mocha";
import { METRIC_STORAGE_CHECKPOINTS, METRIC_STORAGE_TRANSACTION_COMMIT_DURATION } from "../../../../semconv/index.ts";
import { expose } from "../../../../src/export/prometheus/text-format.ts";
import { MetricRegistry } from "../../../../src/metrics/registry.ts";
import { goFloat } from "../../../../src/export/prometheus/go-float.ts";
import { SeriesProducer } from "../../../../src/metrics/producer.ts";
import { SCOPE } from "../../../../src/runtime/package-info.ts";

interface Pages {
  readonly text: string;
  readonly openMetrics: string;
}

/** Both pages of what is recorded with a provider of the SDK and with our own metrics. */
async function pagesOf(record: Record): Promise<Pages> {
  const { resourceMetrics } = await collected(record);
  return { text: String(expose(resourceMetrics, "text")), openMetrics: String(expose(resourceMetrics, "openmetrics")) };
}

type Record = (meter: Meter, provider: MeterProvider, registry: MetricRegistry) => void;

async function collected(record: Record): Promise<CollectionResult> {
  const registry = new MetricRegistry();
  const producer = new SeriesProducer(registry, {
    temporality: () => AggregationTemporality.CUMULATIVE,
    exponential: false,
  });
  const reader = new PrometheusExporter({ preventServerStart: true, metricProducers: [producer] });
  const provider = new MeterProvider({
    resource: resourceFromAttributes({ "service.name": "shop" }),
    readers: [reader],
    views: [{ instrumentName: "*.octaves", aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
  });
  record(provider.getMeter("app", "1.2"), provider, registry);
  return reader.collect();
}

const linesOf = (page: string, part: string): string[] => page.split("\n").filter((line) => line.includes(part));

const PAGE = `# TYPE target_info gauge
# HELP target_info Target metadata
target_info{service_name="shop"} 1
# TYPE app_sent_bytes_total counter
# HELP app_sent_bytes_total Bytes sent.
app_sent_bytes_total{to="a",otel_scope_name="app",otel_scope_version="1.2"} 7
app_sent_bytes_total{to="b",otel_scope_name="app",otel_scope_version="1.2"} 0.5
# TYPE app_jobs gauge
# HELP app_jobs Jobs that run.
app_jobs{otel_scope_name="app",otel_scope_version="1.2"} -2
# TYPE app_load_ratio gauge
app_load_ratio{otel_scope_name="app",otel_scope_version="1.2"} 0.25
# TYPE app_latency_seconds histogram
# UNIT app_latency_seconds seconds
# HELP app_latency_seconds Latency.
app_latency_seconds_bucket{otel_scope_name="app",otel_scope_version="1.2",le="0.00005"} 0
app_latency_seconds_bucket{otel_scope_name="app",otel_scope_version="1.2",le="1"} 2
app_latency_seconds_bucket{otel_scope_name="app",otel_scope_version="1.2",le="2.5"} 2
app_latency_seconds_bucket{otel_scope_name="app",otel_scope_version="1.2",le="+Inf"} 3
app_latency_seconds_sum{otel_scope_name="app",otel_scope_version="1.2"} 101.5
app_latency_seconds_count{otel_scope_name="app",otel_scope_version="1.2"} 3
`;

function recordPage(meter: Meter): void {
  const sent = meter.createCounter("app.sent", { unit: "By", description: "Bytes sent." });
  sent.add(7, { to: "a" });
  sent.add(0.5, { to: "b" });
  meter.createUpDownCounter("app.jobs", { unit: "{job}", description: "Jobs that run." }).add(-2);
  meter.createGauge("app.load", { unit: "1" }).record(0.25);
  const advice = { explicitBucketBoundaries: [0.00005, 1, 2.5] };
  const latency = meter.createHistogram("app.latency", { unit: "s", description: "Latency.", advice });
  for (const value of [0.5, 1, 100]) latency.record(value);
}

describe("a page of metrics", () => {
  it("follows the specification of the text format", async () => {
    const { text } = await pagesOf(recordPage);
    expect(text).to.equal(PAGE.replace('"0.00005"', '"5e-05"'));
  });

  it("follows OpenMetrics: counter names without suffix, bounds with a point, and an end mark", async () => {
    const { openMetrics } = await pagesOf(recordPage);
    const expected = PAGE.replace("# TYPE target_info gauge\n# HELP target_info", "# TYPE target info\n# HELP target")
      .replace("# TYPE app_sent_bytes_total counter", "# TYPE app_sent_bytes counter\n# UNIT app_sent_bytes bytes")
      .replace("# HELP app_sent_bytes_total", "# HELP app_sent_bytes")
      .replace('"0.00005"', '"5e-05"')
      .replace('le="1"', 'le="1.0"');
    expect(openMetrics).to.equal(`${expected}# EOF\n`);
  });

  it("has a bucket for each power of two of an exponential histogram", async () => {
    const { text } = await pagesOf((meter) => {
      const histogram = meter.createHistogram("a.octaves");
      for (const value of [0, 0.5, 3, 4, 4.0625]) histogram.record(value);
    });
    expect(linesOf(text, "a_octaves_").map((line) => line.replace(/otel_\w+="[^"]*",?/g, ""))).to.deep.equal([
      'a_octaves_bucket{le="0"} 1',
      'a_octaves_bucket{le="0.5"} 2',
      'a_octaves_bucket{le="1"} 2',
      'a_octaves_bucket{le="2"} 2',
      'a_octaves_bucket{le="4"} 4',
      'a_octaves_bucket{le="8"} 5',
      'a_octaves_bucket{le="+Inf"} 5',
      "a_octaves_sum{} 11.5625",
      "a_octaves_count{} 5",
    ]);
  });

  it("has the exemplar of each bucket in OpenMetrics, and none in text", async () => {
    const { text, openMetrics } = await pagesOf((_meter, _provider, registry) => {
      const series = registry.instrument(METRIC_STORAGE_TRANSACTION_COMMIT_DURATION).bind({ "db.namespace": "a" });
      const spanContext = { traceId: "1a".repeat(16), spanId: "2b".repeat(8), traceFlags: TraceFlags.SAMPLED };
      series.setExemplar(series.record(300_000), 300_000, spanContext);
      series.record(50_000);
    });
    const exemplar = `{trace_id="${"1a".repeat(16)}",span_id="${"2b".repeat(8)}"} 0.0003 `;
    const [line, ...others] = linesOf(openMetrics, " # ");
    expect(others).to.deep.equal([]);
    expect(line).to.match(
      /^storage_transaction_commit_duration_seconds_bucket\{db_namespace="a",.*,le="0.0005"\} 2 # /,
    );
    const [labels, seconds] = [line!.split(" # ")[1]!.slice(0, -14), Number(line!.split(" ").at(-1))];
    expect(labels).to.equal(exemplar);
    expect(seconds).to.be.closeTo(Date.now() / 1000, 5);
    expect(linesOf(text, "trace_id")).to.deep.equal([]);
  });

  it("escapes labels, joins those whose keys become equal, and writes other values as JSON", async () => {
    const { text, openMetrics } = await pagesOf((meter) => {
      meter.createCounter("a").add(1, { "b.c": 'x\\"y"\nz', d_e: "2", "d.e": "1", f: 3, g: true, h: ["p", "q"] });
    });
    const labels = String.raw`b_c="x\\\"y\"\nz",d_e="1;2",f="3",g="true",h="[\"p\",\"q\"]"`;
    for (const page of [text, openMetrics]) expect(linesOf(page, "a_total{")[0]).to.include(`a_total{${labels},otel`);
  });

  it("escapes help, quotes in OpenMetrics only", async () => {
    const { text, openMetrics } = await pagesOf((meter) => {
      meter.createGauge("a", { description: 'a\\b\n"c"' }).record(1);
    });
    expect(linesOf(text, "# HELP a ")).to.deep.equal([String.raw`# HELP a a\\b\n"c"`]);
    expect(linesOf(openMetrics, "# HELP a ")).to.deep.equal([String.raw`# HELP a a\\b\n\"c\"`]);
  });

  it("distinguishes scopes by labels, below one description", async () => {
    const { text } = await pagesOf((meter, provider, registry) => {
      registry.instrument(METRIC_STORAGE_CHECKPOINTS).bind({}).add(3);
      meter.createCounter("a").add(1);
      provider.getMeter("lib", "", { schemaUrl: "https://x/1" }).createCounter("a").add(2);
    });
    expect(linesOf(text, "a_total")).to.deep.equal([
      "# TYPE a_total counter",
      'a_total{otel_scope_name="app",otel_scope_version="1.2"} 1',
      'a_total{otel_scope_name="lib",otel_scope_schema_url="https://x/1"} 2',
    ]);
    // The schema URL of ours would say what the version says.
    expect(linesOf(text, "storage_checkpoints_total{")).to.deep.equal([
      `storage_checkpoints_total{otel_scope_name="stratascope",otel_scope_version="${SCOPE.version}"} 3`,
    ]);
  });

  it("keeps the first of two types under one name and warns of the other", async () => {
    const warnings: string[] = [];
    const { warn } = diag;
    diag.warn = (message) => void warnings.push(message);
    const { text } = await pagesOf((meter) => {
      meter.createCounter("a").add(1);
      meter.createGauge("a.total").record(2);
    });
    diag.warn = warn;
    expect(linesOf(text, "a_total")).to.have.length(2);
    expect(linesOf(text, "a_total{")[0]).to.match(/ 1$/);
    expect(warnings[0]).to.equal("/metrics: a_total is both a counter and a gauge; the gauge is left out");
  });

  it("gives a name to one family only: a histogram before a gauge, ours before any", async () => {
    const { text, openMetrics } = await pagesOf((meter, _provider, registry) => {
      meter.createGauge("job.time.count").record(7);
      meter.createHistogram("job.time").record(2);
      meter.createGauge("target").record(1);
      meter.createGauge("target_info").record(2);
      meter.createGauge("storage.transaction.commit.duration.seconds.sum").record(3);
      meter.createGauge("a", {}).record(5);
      registry.instrument(METRIC_STORAGE_TRANSACTION_COMMIT_DURATION).bind({ "db.namespace": "x" }).record(1e6);
    });
    for (const page of [text, openMetrics]) {
      expect(linesOf(page, "job_time_count").map((line) => line.split(" ").at(-1))).to.deep.equal(["1"]);
      expect(linesOf(page, "target_info{")).to.deep.equal(['target_info{service_name="shop"} 1']);
      expect(linesOf(page, "storage_transaction_commit_duration_seconds_sum")).to.have.length(1);
      expect(linesOf(page, "a{")).to.have.length(1);
      expect(page).not.to.match(/^# TYPE (job_time_count|target gauge)/m);
    }
  });

  it("has a series once for any keys and any values that are not text", async () => {
    const { text } = await pagesOf((meter) => {
      const counter = meter.createCounter("a");
      counter.add(1, { "b.c": "\ud800", "d/e": "1" });
      counter.add(2, { b_c: "\ufffd", d_e: "1" });
      counter.add(4, { b_c: "x".repeat(5_000) });
      counter.add(8, { b_c: "x".repeat(6_000) });
    });
    const lines = linesOf(text, "a_total{");
    expect(lines.map((line) => Number(line.split(" ").at(-1)))).to.deep.equal([1, 4]);
    expect(lines[1]).to.have.length.below(1_200);
  });

  it("omits the invalid part of a metric, and nothing else", async () => {
    const odd = {};
    const omitted: string[] = [];
    const { resourceMetrics } = await collected((meter) => {
      meter.createCounter("a").add(1, { odd } as never);
      meter.createCounter("b").add(1);
      meter.createCounter("c").add(NaN);
      meter.createGauge({ toString: () => "d" } as never, { description: 1, unit: 2 } as never).record(NaN);
    });
    Object.defineProperty(odd, "self", { value: odd, enumerable: true });
    const omissions = { add: (reason: string) => void omitted.push(reason) };
    const page = String(expose(resourceMetrics, "text", { omissions }));
    expect(linesOf(page, "b_total{")).to.have.length(1);
    expect(linesOf(page, "a_total{")[0]).to.include('odd=""');
    expect(linesOf(page, "c_total")).to.deep.equal([]);
    expect(linesOf(page, "d_2{")[0]).to.match(/ NaN$/);
    expect(omitted).to.deep.equal(["invalid_value"]);
  });

  it("is limited in bytes, with large families cut and small ones complete", async () => {
    let omitted = 0;
    const { resourceMetrics } = await collected((meter) => {
      const large = meter.createHistogram("large");
      for (let i = 0; i < 1_900; i++) large.record(1, { i });
      const larger = meter.createHistogram("larger", { advice: { explicitBucketBoundaries: [...Array(100).keys()] } });
      for (let i = 0; i < 1_900; i++) larger.record(1, { i });
      meter.createGauge("small").record(1);
    });
    const omissions = { add: (_: string, points: number) => void (omitted += points) };
    const page = String(expose(resourceMetrics, "text", { most: 4_000_000, omissions }));
    expect(page.length).to.be.within(4_000_000, 4_100_000);
    expect(linesOf(page, "small{")).to.have.length(1);
    expect(linesOf(page, "large_count{")).to.have.length(1_900);
    expect(omitted).to.equal(1_900 - linesOf(page, "larger_count{").length);
    expect(omitted).to.be.above(0);
  });

  it("describes no name twice", async () => {
    const { text, openMetrics } = await pagesOf((meter, provider) => {
      meter.createCounter("jobs").add(1);
      provider.getMeter("lib").createUpDownCounter("jobs").add(2);
    });
    for (const page of [text, openMetrics]) {
      const names = linesOf(page, "# TYPE ").map((line) => line.split(" ")[2]!);
      expect(names, page).to.have.length(new Set(names).size);
    }
  });

  it("has no label twice in a line, which would make Prometheus refuse all of it", async () => {
    const { text } = await pagesOf((meter) => {
      meter.createHistogram("a").record(1, { le: "mine", "otel.scope.name": "mine" });
    });
    for (const line of linesOf(text, "a_bucket{")) {
      const labels = Array.from(line.matchAll(/(\w+)="/g), ([, label]) => label);
      expect(labels, line).to.have.length(new Set(labels).size);
    }
  });
});

describe("a number in Go's spelling", () => {
  it("matches the bounds in the specification of OpenMetrics, without added points", () => {
    const numbers = [1e-10, 1e-9, 1e-5, 0.0001, 0.001, 0.1, 0, 1, 10, 100_000, 1e6, 1e10, 0.00025, 123_456, 1_234_567];
    expect(numbers.map(goFloat).join(" ")).to.equal(
      "1e-10 1e-09 1e-05 0.0001 0.001 0.1 0 1 10 100000 1e+06 1e+10 0.00025 123456 1.234567e+06",
    );
    expect([-0.5, -1e-5, 1e100, 1e-100, Infinity, -Infinity, NaN].map(goFloat).join(" ")).to.equal(
      "-0.5 -1e-05 1e+100 1e-100 +Inf -Inf NaN",
    );
  });
});
