import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { SCHEMA_URL } from "../../semconv/index.ts";
import { prometheusName } from "../../semconv/prometheus-names.ts";
import { App, UNHURRIED } from "../helpers/app.ts";
import { eventually } from "../helpers/eventually.ts";
import { Receiver } from "../helpers/receiver.ts";
import { unregisteredEvents, unregisteredMetrics, unregisteredSpans } from "../helpers/registry.ts";
import { OPEN_METRICS, scrape, select, total, type Page } from "../helpers/scrape.ts";
import { COUNTS, TRANSACTIONS } from "../helpers/dictionary.ts";

describe("the telemetry of a fixed workload", () => {
  const receiver = new Receiver();
  let text: Page;
  let openMetrics: Page;

  before(async () => {
    await receiver.start();
    const app = new App("dictionary");
    const env = {
      ...receiver.env,
      OTEL_METRICS_EXPORTER: "otlp,prometheus",
      OTEL_EXPORTER_PROMETHEUS_PORT: "0",
      OTEL_LOG_LEVEL: "info",
      // Binary, the receiver knows no names of events.
      OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "http/json",
      // Gauges of a database end when it is closed, which the service does at its end.
      OTEL_METRIC_EXPORT_INTERVAL: "500",
      // On a busy machine the service lives for longer than it takes to the first look.
      STRATASCOPE_HEALTH_INTERVAL_MS: "0",
      ...UNHURRIED,
    };
    const running = app.start("service.cjs", { env });
    const [, url] = await running.says(/metrics on (\S+)/);
    await running.says(/done/);
    text = await scrape(url!);
    openMetrics = await scrape(url!, OPEN_METRICS);
    const pushes = (): number => receiver.metrics.filter(({ name }) => name === "storage.space.usage").length;
    const pushed = pushes();
    await eventually(() => pushes() >= pushed + 2, { every: 50 });
    running.process.stdin!.end();
    expect((await running.ended).code).to.equal(0);
  });
  after(() => receiver.close());

  it("counts every operation exactly, on /metrics and over OTLP", () => {
    const duration = receiver.latest.get("db.client.operation.duration")!;
    for (const [summary, { runs, errors = 0 }] of Object.entries(COUNTS)) {
      const scraped = select(text, "db_client_operation_duration_seconds_count", { db_query_summary: summary });
      const failed = scraped.filter(({ labels }) => "error_type" in labels);
      const received = duration.points.filter(({ attributes }) => attributes["db.query.summary"] === summary);
      expect(
        scraped.reduce((sum, { value }) => sum + value, 0),
        summary,
      ).to.equal(runs);
      expect(
        failed.reduce((sum, { value }) => sum + value, 0),
        summary,
      ).to.equal(errors);
      expect(
        received.reduce((sum, point) => sum + Number(point.count), 0),
        summary,
      ).to.equal(runs);
    }
    const all = Object.values(COUNTS).reduce((sum, { runs }) => sum + runs, 0);
    expect(total(text, "db_client_operation_duration_seconds_count")).to.equal(all);
  });

  it("counts every transaction exactly, on /metrics and over OTLP", () => {
    const received = receiver.latest.get("storage.transaction.duration")!.points;
    const named = (mode: unknown, outcome: unknown): string => `${String(mode)} ${String(outcome)}`;
    const scraped = select(text, "storage_transaction_duration_seconds_count").map(
      ({ labels, value }): [string, number] => [
        named(labels["storage_transaction_mode"], labels["storage_transaction_outcome"]),
        value,
      ],
    );
    expect(Object.fromEntries(scraped)).to.deep.equal(TRANSACTIONS);
    const pushed = received.map(({ attributes, count }): [string, number] => [
      named(attributes["storage.transaction.mode"], attributes["storage.transaction.outcome"]),
      Number(count),
    ]);
    expect(Object.fromEntries(pushed)).to.deep.equal(TRANSACTIONS);
  });

  it("has each operation in exactly one bucket, in both formats", () => {
    for (const page of [text, openMetrics]) {
      for (const count of select(page, "db_client_operation_duration_seconds_count")) {
        const { otel_scope_name: _, ...series } = count.labels;
        const last = select(page, "db_client_operation_duration_seconds_bucket", { ...series, le: "+Inf" });
        expect(
          last
            .filter(({ labels }) => Object.keys(labels).length === Object.keys(count.labels).length + 1)
            .map(({ value }) => value),
        ).to.deep.equal([count.value]);
      }
    }
  });

  it("has the same names on /metrics as over OTLP", () => {
    const families = (page: Page): string[] =>
      [...page.types.keys()].filter((name) => !/^target(_info)?$/.test(name)).sort();
    const pushed = [...receiver.latest.values()].map(({ name, unit, type, isMonotonic }) => {
      const instrument =
        type === "sum" ? (isMonotonic ? "counter" : "updowncounter") : type === "gauge" ? "gauge" : "histogram";
      return prometheusName({ name, unit, instrument });
    });
    expect(families(text)).to.deep.equal([...new Set(pushed)].sort());
    expect(families(openMetrics)).to.deep.equal(families(text).map((name) => name.replace(/_total$/, "")));
  });

  it("names the schema on each scope over OTLP, and on /metrics the version alone", () => {
    const { spans, metrics, logs } = receiver;
    for (const signal of [spans, metrics, logs]) {
      const scopes = new Set(signal.map(({ scope, schemaUrl }) => `${scope} ${schemaUrl}`));
      expect([...scopes]).to.deep.equal([`stratascope ${SCHEMA_URL}`]);
    }
    const [count] = select(text, "storage_transaction_duration_seconds_count");
    const version = SCHEMA_URL.split("/").at(-1);
    expect(count!.labels).to.include({ otel_scope_name: "stratascope", otel_scope_version: version });
    expect(text.text).to.not.contain("otel_scope_schema_url");
  });

  it("has the same sums on /metrics as over OTLP", () => {
    const received = receiver.latest
      .get("storage.operation.records")!
      .points.reduce((sum, { asInt }) => sum + Number(asInt), 0);
    expect(total(text, "storage_operation_records_total"))
      .to.equal(received)
      .and.to.equal(100 + 50 + 20 + 1 + 1);
  });

  it("shows exemplars of the requests' traces, only in OpenMetrics", () => {
    const exemplars = openMetrics.samples.map(({ exemplar }) => exemplar).filter((exemplar) => exemplar !== undefined);
    const spans = new Map(receiver.spans.map((span) => [span.spanId, span.traceId]));
    expect(exemplars).to.not.deep.equal([]);
    for (const { trace_id: traceId, span_id: spanId } of exemplars) expect(spans.get(spanId!)).to.equal(traceId);
    expect(text.text).to.not.contain("trace_id");
  });

  it("emits only telemetry of the registry", () => {
    expect(unregisteredMetrics(receiver.metrics)).to.deep.equal([]);
    expect(unregisteredSpans(receiver.spans)).to.deep.equal([]);
    expect(unregisteredEvents(receiver.logs)).to.deep.equal([]);
  });
});
