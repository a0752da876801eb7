import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { AggregationTemporality } from "@opentelemetry/sdk-metrics";
import { expect } from "chai";
import { describe, it } from "mocha";
import { SqliteConnection } from "../../instrumentations/sqlite/connection.ts";
import { namespaceOf } from "../../instrumentations/files/namespace.ts";
import {
  METRIC_DB_CLIENT_OPERATION_DURATION as DURATION,
  METRIC_HTTP_SERVER_REQUEST_DURATION as REQUESTS,
  METRIC_STORAGE_SPACE_USAGE as SPACE,
} from "../../semconv/index.ts";
import { databaseIdentity, Instance } from "../../src/recording/instance.ts";
import { setSelfLogLevel, warnOnce } from "../../src/runtime/self-log.ts";
import { expose } from "../../src/export/prometheus/text-format.ts";
import { MetricRegistry, SERIES_LIMIT } from "../../src/metrics/registry.ts";
import { SeriesProducer } from "../../src/metrics/producer.ts";
import { Boundary, OperationKind } from "../../src/recording/operation-kind.ts";
import { Operation } from "../../src/instrument/operation.ts";
import { logLevels, logger } from "../../src/logs/loggers.ts";
import { SharedFile } from "../../src/instrument/thread-claims.ts";

/** A million at night. */
const NAMES = Number(process.env["NAMES"] ?? 30_000);

/** Bytes that may be kept of any number of names. */
const MAX_KEPT = 16e6;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function used(): number {
  collectGarbage();
  // The memory of buffers that the first one found is given back before the second.
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Bytes that are kept of so many names, beyond those of the first few thousand. */
function kept(use: (name: string) => void): number {
  for (let i = 0; i < 5_000; i++) use(`first ${i}`);
  const before = used();
  for (let i = 0; i < NAMES; i++) use(`name ${i}`);
  return used() - before;
}

/** Numbers in the names of tables are told as one. */
const lettered = (name: string): string =>
  name.replace(/ /g, "").replace(/[0-9]/g, (digit) => "ghijklmnop"[Number(digit)]!);

const cumulative = { temporality: () => AggregationTemporality.CUMULATIVE, exponential: false };
const sizeOf = (series: Iterable<unknown>): number => [...series].length;

describe("memory for names from outside stays bounded", () => {
  it("of databases that come and go", () => {
    const metrics = new MetricRegistry();
    const reader = new SeriesProducer(metrics, cumulative);
    let count = 0;
    const bytes = kept((name) => {
      const attributes = { "db.system.name": "sqlite", "db.namespace": name };
      metrics.lifetimes!.opened(attributes);
      metrics.instrument(DURATION).bind(attributes).record(1);
      metrics.instrument(SPACE).bind(attributes).value = 1;
      metrics.lifetimes!.closed(attributes);
      if (++count % 1_000 === 0) reader.collectNow();
    });
    expect(bytes).to.be.below(MAX_KEPT);
    expect(sizeOf(metrics.instrument(DURATION).series())).to.be.below(30);
    expect(sizeOf(metrics.instrument(SPACE).series())).to.equal(0);
    const page = expose(reader.collectNow().resourceMetrics, "text").toString();
    expect(page.length).to.be.below(1e6);
    expect(page).to.contain('otel_metric_overflow="true"');
  });

  it("of routes, methods, hosts and other attributes", () => {
    const metrics = new MetricRegistry();
    const requests = metrics.instrument(REQUESTS);
    const bytes = kept((name) =>
      requests
        .bind({ "http.request.method": "GET", "url.scheme": "http", "http.route": name, "error.type": name })
        .record(1),
    );
    expect(bytes).to.be.below(MAX_KEPT);
    expect(sizeOf(requests.series())).to.equal(SERIES_LIMIT);
    const overflow = [...requests.series()].find(({ attributes }) => attributes["otel.metric.overflow"] === true)!;
    const { count } = overflow.histogram(overflow.numbers);
    expect(count).to.equal(NAMES + 5_000 - (SERIES_LIMIT - 1));
  });

  it("of errors", () => {
    const operation = new Operation(new Instance(databaseIdentity("test", "of errors")), {
      kind: OperationKind.WRITE,
      boundary: Boundary.NONE,
      statements: 1,
      name: "INSERT",
      summary: "INSERT",
    });
    const bytes = kept((name) => operation.failed(1, { code: name.replace(" ", "_") }));
    expect(bytes).to.be.below(MAX_KEPT);
  });

  it("of files between threads, and of the names they have", () => {
    expect(kept((name) => new SharedFile(name).isOurs())).to.be.below(MAX_KEPT);
    expect(kept((name) => namespaceOf(`${process.cwd()}/data/${name}/store.db`))).to.be.below(MAX_KEPT);
  });

  it("of statements and scripts, and of the tables in them", () => {
    const connection = new SqliteConnection({}, { location: undefined, isPlanned: () => false, query: () => [] });
    const bytes = kept((name) => {
      const table = `t${lettered(name)}`;
      connection.statement(`INSERT INTO "${table}" VALUES (?)`).succeeded(1, 1);
      connection.script(`UPDATE "${table}" SET a = '${name}'; DELETE FROM "${table}"`).succeeded(1, 1);
    });
    expect(bytes).to.be.below(MAX_KEPT);
  });

  it("of log subsystems", () => {
    setSelfLogLevel("none");
    expect(kept(logger)).to.be.below(MAX_KEPT);
    expect(Object.keys(logLevels()).length).to.be.below(1_010);
    setSelfLogLevel("warn");
  });

  it("of warnings", () => {
    setSelfLogLevel("none");
    expect(kept(warnOnce)).to.be.below(MAX_KEPT);
    setSelfLogLevel("warn");
  });
});
