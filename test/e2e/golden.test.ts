import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { request as ask } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import { describe, it } from "mocha";
import { App, ROOT } from "../helpers/app.ts";
import { BINDINGS } from "../helpers/bindings.ts";
import { DRIVER } from "../helpers/drivers.ts";
import { eventually } from "../helpers/eventually.ts";
import { changedLines, golden } from "../helpers/golden.ts";
import { PINNED } from "../helpers/nodes.ts";
import { receiving, type Receiver } from "../helpers/receiver.ts";
import { unregisteredEvents, unregisteredMetrics, unregisteredSpans } from "../helpers/registry.ts";
import { OPEN_METRICS, scrape } from "../helpers/scrape.ts";
import { temporaryFolder } from "../helpers/temp.ts";

/** Written anew with `UPDATE_GOLDEN=1`. */
const goldenOf = (engine: string): string => join(ROOT, "test/e2e/golden", `${engine}.txt`);

/** The parts of the work in their order, each of which is a request; see the program. */
const PARTS =
  `reads writes scripts iterators errors transactions conflicts budget checkpoints snapshots compactions searches
  repeated slow blocking memory journal closed own`.split(/\s+/);

/** Of a trace that somebody else began, and does not record. */
const NOT_RECORDED = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00" };
const RECORDED = { traceparent: "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };

/** In milliseconds, and far from what a busy machine makes of the others. */
const THRESHOLDS = {
  STRATASCOPE_SLOW_SPAN_MS: "1000",
  STRATASCOPE_SLOW_OPERATION_MS: "3000",
  STRATASCOPE_BLOCKED_MS: "2000",
  STRATASCOPE_LONG_OPEN_MS: "2000",
  STRATASCOPE_TIMING_PERCENT: "0",
};

async function post(url: string, headers = {}): Promise<void> {
  const body = await new Promise<string>((resolve, reject) => {
    ask(url, { method: "POST", agent: false, headers }, (response) => resolve(text(response)))
      .on("error", reject)
      .end();
  });
  expect(body, url).to.equal("");
}

/** Tells whether the last span and the last finding have arrived. */
function hasAllOf({ spans, logs }: Receiver): boolean {
  const last = spans.find(({ attributes }) => attributes["url.path"] === "/ends");
  const findings = logs.filter(({ spanId }) => spanId === last?.spanId);
  return findings.some(({ eventName }) => eventName === "storage.snapshot.held");
}

describe("the telemetry of every layer", () => {
  const receiver = receiving();
  const app = new App("sqlite");

  // Another version of Node.js, or of a package, has another SQLite.
  for (const id of DRIVER === undefined ? BINDINGS : []) {
    it(`equals the golden file, of ${id}`, async () => {
      const running = app.start("every-layer.cjs", {
        node: PINNED,
        args: [id, temporaryFolder()],
        env: {
          ...receiver.env,
          ...THRESHOLDS,
          OTEL_METRICS_EXPORTER: "otlp,prometheus",
          OTEL_EXPORTER_PROMETHEUS_PORT: "0",
          OTEL_LOG_LEVEL: "info",
          // Binary, the receiver knows no names of events.
          OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "http/json",
          // When it is asked for: a collection in between would see, in the log, what another one does not.
          OTEL_METRIC_EXPORT_INTERVAL: "600000",
          OTEL_BSP_SCHEDULE_DELAY: "200",
          OTEL_BLRP_SCHEDULE_DELAY: "200",
          STRATASCOPE_HEALTH_INTERVAL_MS: "0",
        },
      });
      const [, page] = await running.says(/metrics on (\S+)/);
      const [, service] = await running.says(/serves on (\S+)/);
      for (const part of PARTS) await post(`${service}/${part}`);
      for (const part of ["reads", "transactions"]) await post(`${service}/${part}`, NOT_RECORDED);
      await post(`${service}/iterators`, RECORDED);
      await post(`${service}/leaves`);
      const scraped = await scrape(page!, OPEN_METRICS);
      await post(`${service}/ends`);
      await eventually(() => hasAllOf(receiver));
      await post(`${service}/exports`, NOT_RECORDED);
      await eventually(() => receiver.metrics.length > 0);
      expect(unregisteredMetrics(receiver.metrics)).to.deep.equal([]);
      expect(unregisteredSpans(receiver.spans)).to.deep.equal([]);
      expect(unregisteredEvents(receiver.logs)).to.deep.equal([]);
      const now = golden(receiver, scraped);
      if (process.env["UPDATE_GOLDEN"] !== undefined) {
        mkdirSync(join(ROOT, "test/e2e/golden"), { recursive: true });
        writeFileSync(goldenOf(id), now);
      }
      const before = readFileSync(goldenOf(id), "utf8");
      expect(changedLines(before, now)).to.deep.equal([]);
      expect(now === before, "the same lines in the same order").to.equal(true);
      running.process.stdin!.end();
      expect((await running.ended).code).to.equal(0);
    });
  }
});
