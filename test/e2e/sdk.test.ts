import type { IncomingHttpHeaders } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { hostname } from "node:os";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import { describe, it } from "mocha";
import { App, UNHURRIED } from "../helpers/app.ts";
import { FaultyCollector } from "../helpers/faulty-collector.ts";
import { receiving, type ReceivedMetric, type ReceivedSpan } from "../helpers/receiver.ts";
import { scrape, type Page } from "../helpers/scrape.ts";

const SECRETS = ["SECRET1", "SECRET2"];

/** What is the same in every run of the same application. */
const lasting = ({ name, kind, attributes, status, scope }: ReceivedSpan): unknown => {
  const stable = Object.entries(attributes).filter(([key]) => !key.endsWith(".time"));
  return { name, kind, attributes: Object.fromEntries(stable), status, scope };
};

const counted = ({ points, ...metric }: ReceivedMetric): unknown => ({
  ...metric,
  points: points.map(({ attributes, count, asInt, asDouble, explicitBounds }) => ({
    attributes,
    value: Number(count ?? asInt ?? asDouble),
    explicitBounds,
  })),
});

const byName = (a: ReceivedMetric, b: ReceivedMetric): number => (a.name < b.name ? -1 : 1);

/** Metrics that are not the same twice, or depend on the protocol. */
const VARYING = [
  "process.disk.io",
  "storage.instrumentation.backlog",
  "storage.instrumentation.time",
  "storage.collector.time",
  "process.uptime",
];
const isFixed = ({ name }: ReceivedMetric): boolean => !VARYING.includes(name);

describe("the SDK", () => {
  const app = new App("sdk");
  const receiver = receiving();

  /** Runs the application that emits all signals, to its end. */
  async function emit(env: Readonly<Record<string, string>>, file = "signals.cjs"): Promise<void> {
    const running = app.start(file, { env: { ...receiver.env, ...UNHURRIED, ...env } });
    running.process.stdin!.end();
    expect(await running.ended).to.include({ code: 0, stderr: "" });
  }

  it("sends the same over http/protobuf and over http/json", async () => {
    const seen: unknown[] = [];
    for (const [protocol, type] of Object.entries({
      "http/protobuf": "application/x-protobuf",
      "http/json": "application/json",
    })) {
      receiver.clear();
      await emit({ OTEL_EXPORTER_OTLP_PROTOCOL: protocol });
      expect(receiver.contentTypes).to.deep.equal([type, type, type]);
      seen.push({
        spans: receiver.spans.map(lasting),
        metrics: [...receiver.latest.values()].filter(isFixed).sort(byName).map(counted),
        logs: receiver.logs.map(({ body, attributes, severityText, scope }) => ({
          body,
          attributes,
          severityText,
          scope,
        })),
      });
    }
    expect(seen[0]).to.deep.equal(seen[1]);
    expect(receiver.spans.map(({ name }) => name)).to.deep.equal(["order"]);
    expect(receiver.spans[0]!.attributes).to.deep.include({ size: 3, ratio: 0.5, tags: ["a", "b"] });
    expect(receiver.latest.get("app.orders")!.points).to.have.length(1);
    expect(receiver.latest.get("app.orders")!.points[0]).to.deep.include({ asDouble: 7, attributes: { paid: true } });
    expect(receiver.latest.get("db.client.operation.duration")!.points).to.not.deep.equal([]);
  });

  it("sends each signal over the protocol chosen for it", async () => {
    await emit({ OTEL_EXPORTER_OTLP_PROTOCOL: "http/json", OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: "http/protobuf" });
    expect(receiver.contentTypes.toSorted()).to.deep.equal([
      "application/json",
      "application/json",
      "application/x-protobuf",
    ]);
    expect(receiver.latest.get("app.orders")!.points).to.have.length(1);
  });

  it("sends the headers that are set and its own user agent, and bodies compressed where that is set", async () => {
    const requests: { headers: IncomingHttpHeaders; text: string }[] = [];
    const collector = new FaultyCollector((response, { headers }, body) => {
      requests.push({ headers, text: gunzipSync(body).toString("latin1") });
      response.end();
    });
    await collector.start();
    try {
      await emit({
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_HEADERS: "x-key=a%20b",
        OTEL_EXPORTER_OTLP_TRACES_HEADERS: "x-key=c",
        OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
      });
    } finally {
      await collector.close();
    }
    expect(requests.map(({ headers }) => headers["x-key"])).to.have.members(["a b", "a b", "c"]);
    for (const { headers, text } of requests) {
      expect(headers).to.include({ "content-encoding": "gzip" });
      expect(headers["user-agent"]).to.match(/^stratascope\/\d/);
      expect(text).to.contain("shop");
    }
  });

  it("delivers log records of either API exactly once, with their trace", async () => {
    await emit({});
    const [{ traceId, spanId } = { traceId: "", spanId: "" }] = receiver.spans;
    expect(traceId).to.match(/^[\da-f]{32}$/);
    expect(receiver.logs.map(({ body, scope }) => `${scope}: ${String(body)}`).toSorted()).to.deep.equal([
      "new: of the API",
      "old: of api-logs",
    ]);
    for (const record of receiver.logs) expect(record).to.include({ traceId, spanId });
  });

  it("names the service after its package, its variable first", async () => {
    await emit({});
    expect(receiver.resource).to.include({ "service.name": "shop" });
    await emit({ OTEL_RESOURCE_ATTRIBUTES: "service.name=list,team=a%20b" });
    expect(receiver.resource).to.include({ "service.name": "list", team: "a b" });
    await emit({ OTEL_RESOURCE_ATTRIBUTES: "service.name=list", OTEL_SERVICE_NAME: "desk" });
    expect(receiver.resource).to.include({ "service.name": "desk" });
  });

  it("sends a resource without the command line, the environment or the user", async () => {
    const running = app.start("signals.cjs", {
      args: ["--token=SECRET1"],
      env: {
        ...receiver.env,
        OTEL_METRICS_EXPORTER: "otlp,prometheus",
        OTEL_EXPORTER_PROMETHEUS_PORT: "0",
        OTEL_LOG_LEVEL: "info",
        API_TOKEN: "SECRET2",
      },
    });
    let page: Page;
    try {
      const [, url] = await running.says(/metrics on (\S+)/);
      page = await scrape(url!);
    } finally {
      running.process.stdin!.end();
    }
    await running.ended;
    expect(receiver.resource).to.include({
      "telemetry.distro.name": "stratascope",
      "host.name": hostname(),
      "process.runtime.version": process.versions.node,
    });
    expect(receiver.resource["telemetry.distro.version"]).to.match(/^\d+\.\d+\.\d+/);
    expect(Object.keys(receiver.resource)).to.have.members([
      "service.name",
      "service.instance.id",
      "telemetry.sdk.language",
      "telemetry.sdk.name",
      "telemetry.sdk.version",
      "telemetry.distro.name",
      "telemetry.distro.version",
      "host.name",
      "host.arch",
      "os.type",
      "process.pid",
      "process.runtime.name",
      "process.runtime.version",
    ]);
    const { spans, metrics, logs, resource } = receiver;
    expect(metrics).to.not.deep.equal([]);
    for (const text of [JSON.stringify({ spans, metrics, logs, resource }), page.text]) {
      expect(text).to.contain("order");
      for (const secret of [...SECRETS, app.folder]) expect(text).to.not.contain(secret);
    }
  });

  it("changes nothing and does not listen if it is disabled", async () => {
    const probe = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => probe.once("listening", resolve));
    const port = String((probe.address() as AddressInfo).port);
    await new Promise((resolve) => probe.close(resolve));
    const env = { OTEL_METRICS_EXPORTER: "prometheus", OTEL_EXPORTER_PROMETHEUS_PORT: port };
    const args = [port];
    const bare = await app.run("fingerprint.cjs", { args, flags: [] });
    const disabled = await app.run("fingerprint.cjs", { args, env: { ...env, OTEL_SDK_DISABLED: "true" } });
    const enabled = await app.run("fingerprint.cjs", { args, env });
    expect(disabled).to.deep.equal(bare);
    const [without, withUs] = [bare, enabled].map(({ stdout }) => JSON.parse(stdout) as Record<string, unknown>);
    expect(without).to.include({ emit: true, connected: "ECONNREFUSED" });
    expect(withUs).to.include({ emit: false, connected: "yes" });
  });

  it("sends nothing if the exporters are none", async () => {
    await emit({ OTEL_TRACES_EXPORTER: "none", OTEL_METRICS_EXPORTER: "none", OTEL_LOGS_EXPORTER: "none" });
    expect(receiver.contentTypes).to.deep.equal([]);
  });

  it("writes each signal to the console if configured", async () => {
    for (const [signal, text] of [
      ["TRACES", "name: 'order'"],
      ["METRICS", "name: 'app.orders'"],
      ["LOGS", "body: 'of the API'"],
    ] as const) {
      const running = app.start("signals.cjs", { env: { [`OTEL_${signal}_EXPORTER`]: "console" } });
      running.process.stdin!.end();
      const { code, stdout } = await running.ended;
      expect(code).to.equal(0);
      expect(stdout).to.contain(text);
    }
  });

  describe("sampling", () => {
    const tracesOnly = { OTEL_METRICS_EXPORTER: "none", OTEL_LOGS_EXPORTER: "none" };

    async function recorded(env: Readonly<Record<string, string>>, file = "roots.cjs"): Promise<ReceivedSpan[]> {
      receiver.clear();
      await emit({ ...tracesOnly, ...env }, file);
      return receiver.spans;
    }
    const environment = (name: string): Record<string, string> => ({
      OTEL_RESOURCE_ATTRIBUTES: `deployment.environment.name=${name}`,
    });

    it("records every trace if no environment is named, and none on a developer's machine", async () => {
      expect(await recorded({})).to.have.length(2000);
      expect(await recorded(environment("local"))).to.have.length(0);
    });

    it("records about one trace in ten in production, one in five in staging", async () => {
      // Four standard deviations of the binomial distribution.
      expect((await recorded(environment("production"))).length).to.be.closeTo(200, 54);
      expect((await recorded(environment("staging"))).length).to.be.closeTo(400, 72);
    });

    it("lets OTEL_TRACES_SAMPLER win over the environment", async () => {
      expect(await recorded({ ...environment("local"), OTEL_TRACES_SAMPLER: "always_on" })).to.have.length(2000);
      const half = { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.5" };
      expect((await recorded({ ...environment("production"), ...half })).length).to.be.closeTo(1000, 90);
    });

    it("keeps the sampling decision of an incoming trace", async () => {
      for (const name of ["local", "production"]) {
        const spans = await recorded(environment(name), "continued.cjs");
        expect(spans.map((span) => span.name)).to.deep.equal(["continued 01"]);
        expect(spans[0]).to.include({
          traceId: "0af7651916cd43dd8448eb211c80319c",
          parentSpanId: "b7ad6b7169203331",
        });
      }
      expect((await recorded({}, "continued.cjs")).map((span) => span.name)).to.deep.equal(["continued 01"]);
    });
  });

  it("writes the headers of the chosen propagators", async () => {
    for (const [propagators, headers] of Object.entries({
      "tracecontext,baggage": "traceparent,baggage",
      tracecontext: "traceparent",
      baggage: "baggage",
      none: "",
    })) {
      const env = { OTEL_TRACES_EXPORTER: "otlp", OTEL_PROPAGATORS: propagators };
      expect(await app.run("inject.cjs", { env })).to.include({ stdout: `${headers}\n`, stderr: "", code: 0 });
    }
  });
});
