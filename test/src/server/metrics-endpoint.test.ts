import { createServer, type AddressInfo } from "node:net";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider, type MetricReader } from "@opentelemetry/sdk-metrics";
import { expect } from "chai";
import { describe, it } from "mocha";
import { readConfig } from "../../../src/config/index.ts";
import { listen } from "../../../src/server/index.ts";
import { acceptsGzip, negotiate } from "../../../src/export/prometheus/negotiate.ts";
import { eventually } from "../../helpers/eventually.ts";
import { OPEN_METRICS, scrape, total } from "../../helpers/scrape.ts";

const PROMETHEUS_2 =
  "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75," +
  "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
const PROMETHEUS_3 =
  "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6," +
  "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4," +
  "text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
const PROTOBUF = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

describe("the format of a page", () => {
  const formats = [
    ["Prometheus 2.42", PROMETHEUS_2, "openmetrics"],
    ["Prometheus 3", PROMETHEUS_3, "openmetrics"],
    ["Prometheus 3 that would rather have protobuf", `${PROTOBUF};q=0.7,${PROMETHEUS_3}`, "openmetrics"],
    ["Prometheus 3 told to use text", "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", "text"],
    ["a browser", BROWSER, "text"],
    ["curl", "*/*", "text"],
    ["who says nothing", undefined, "text"],
    ["who says nothing of use", ", ;q=1", "text"],
    ["who wants anything else", "application/json", "text"],
    ["who wants text of any kind", "text/*", "text"],
    ["who names no version", "application/openmetrics-text", "openmetrics"],
    [
      "who writes it another way",
      "Application/OpenMetrics-Text; Version=1.0.0 ; Q=0.9, text/plain; q=0.1",
      "openmetrics",
    ],
    ["who wants only a version we do not have", "application/openmetrics-text;version=2.0.0", "text"],
    ["who prefers text", "application/openmetrics-text;version=1.0.0;q=0.4,text/plain;version=0.0.4;q=0.5", "text"],
    ["who likes both and names text first", "text/plain,application/openmetrics-text", "text"],
    ["who likes both and names OpenMetrics first", "application/openmetrics-text,text/plain", "openmetrics"],
    ["who refuses OpenMetrics and names nothing else", "application/openmetrics-text;q=0", "text"],
    ["who refuses text", "text/plain;q=0.0,application/openmetrics-text;q=0.001", "openmetrics"],
  ] as const;
  for (const [who, accept, format] of formats) {
    it(`is ${format} for ${who}`, () => expect(negotiate(accept)).to.equal(format));
  }
});

describe("the encoding of a page", () => {
  const encodings = [
    ["gzip, deflate, br", true],
    ["GZIP;q=0.5", true],
    ["*", true],
    ["identity;q=0.5, gzip", true],
    [undefined, false],
    ["", false],
    ["gzip;q=0", false],
    ["gzip;q=0, *", false],
    ["gzip;q=none", false],
    ["gzip;q=0.2, identity;q=0.8", false],
    ["gzipped", false],
    [`${"x,".repeat(10_000)}gzip`, false],
  ] as const;
  for (const [header, isCompressed] of encodings) {
    it(`is ${isCompressed ? "gzip" : "none"} for ${header?.slice(0, 30)}`, () =>
      expect(acceptsGzip(header)).to.equal(isCompressed));
  }
});

/** A port nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(origin: string): Promise<void> {
  await eventually(() => fetch(origin).catch(() => undefined));
}

async function withEndpoint(reader: MetricReader, use: (origin: string) => Promise<void>): Promise<void> {
  const port = await freePort();
  const { config } = readConfig({}, { prometheusPort: port, health: "off" });
  const endpoint = listen(config, { isUsed: true, reader }, () => true);
  try {
    await answers(`http://127.0.0.1:${port}/`);
    await use(`http://127.0.0.1:${port}`);
  } finally {
    endpoint.close();
  }
}

describe("the endpoint", () => {
  it("closes the connection of a scrape whose collection cannot be started, and answers the next one", async () => {
    const port = await freePort();
    const { config } = readConfig({}, { prometheusPort: port, health: "off" });
    const reader = new PrometheusExporter({ preventServerStart: true });
    const provider = new MeterProvider({ readers: [reader] });
    provider.getMeter("app").createCounter("requests").add(1);
    let isBroken = true;
    const metrics = {
      isUsed: true,
      get reader(): MetricReader {
        if (isBroken) throw new Error("cannot be loaded");
        return reader;
      },
    };
    const endpoint = listen(config, metrics, () => true);
    try {
      const url = `http://127.0.0.1:${port}/metrics`;
      await answers(`http://127.0.0.1:${port}/`);
      const failure = await scrape(url).catch((error: NodeJS.ErrnoException) => error.code);
      expect(failure).to.equal("ECONNRESET");
      isBroken = false;
      expect(total(await scrape(url), "requests_total")).to.equal(1);
    } finally {
      endpoint.close();
    }
  });

  it("answers /metrics in both formats, with what was recorded until then", async () => {
    const reader = new PrometheusExporter({ preventServerStart: true });
    const counter = new MeterProvider({ readers: [reader] }).getMeter("app").createCounter("requests");
    await withEndpoint(reader, async (origin) => {
      counter.add(1);
      const text = await scrape(`${origin}/metrics`);
      expect(text.contentType).to.equal("text/plain; version=0.0.4; charset=utf-8");
      expect(text.text).not.to.include("# EOF");
      expect(total(text, "requests_total")).to.equal(1);
      counter.add(1);
      const openMetrics = await scrape(`${origin}/metrics?from=test`, OPEN_METRICS);
      expect(openMetrics.contentType).to.equal("application/openmetrics-text; version=1.0.0; charset=utf-8");
      expect(openMetrics.text).to.match(/\n# EOF\n$/);
      expect(total(openMetrics, "requests_total")).to.equal(2);
    });
  });

  it("answers 404 for other paths, with the path of the metrics", async () => {
    await withEndpoint(new PrometheusExporter({ preventServerStart: true }), async (origin) => {
      for (const path of ["/", "/metrics/", "/metricsx", "/api?x=/metrics"]) {
        const response = await fetch(origin + path);
        expect(response.status, path).to.equal(404);
        expect(await response.text()).to.include("/metrics is here");
      }
    });
  });

  it("answers with an error where the collection fails, and goes on", async () => {
    // A reader that belongs to no provider has nothing to collect from.
    const unbound = new PrometheusExporter({ preventServerStart: true });
    await withEndpoint(unbound, async (origin) => {
      for (let i = 0; i < 2; i++) {
        const response = await fetch(`${origin}/metrics`, { headers: { accept: OPEN_METRICS } });
        expect(response.status).to.equal(500);
        expect(await response.text()).to.match(/^metrics could not be collected: Error: .*not bound.*\n$/);
      }
    });
  });

  it("refuses connections once it is closed", async () => {
    let closed = "";
    await withEndpoint(new PrometheusExporter({ preventServerStart: true }), async (origin) => {
      closed = origin;
    });
    const problem = await fetch(closed).then(
      () => undefined,
      (error: Error) => (error.cause as NodeJS.ErrnoException).code,
    );
    expect(problem).to.equal("ECONNREFUSED");
  });
});
