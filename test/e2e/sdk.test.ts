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

const FILES = {
  "package.json": `{ "name": "shop", "version": "1.2.3" }`,
  // All three signals, through the API and through an engine.
  "signals.cjs": `
    const api = require("@opentelemetry/api");
    const legacy = require("@opentelemetry/api-logs");
    const Database = require("better-sqlite3");
    const folder = require("node:fs").mkdtempSync(require("node:path").join(__dirname, "data-"));
    const db = new Database(require("node:path").join(folder, "orders.db"));
    api.metrics.getMeter("app").createCounter("app.orders", { unit: "{order}", description: "Orders." }).add(7, { paid: true });
    api.trace.getTracer("app").startActiveSpan("order", { attributes: { size: 3, ratio: 0.5, tags: ["a", "b"] } }, (span) => {
      db.exec("CREATE TABLE orders (id)");
      api.logs.getLogger("new").emit({ severityText: "INFO", body: "of the API", attributes: { id: 1 } });
      legacy.logs.getLogger("old").emit({ severityText: "WARN", body: "of api-logs", attributes: { id: 2 } });
      span.setStatus({ code: api.SpanStatusCode.ERROR, message: "sold out" });
      span.end();
    });
    process.stdin.on("end", () => {}).resume();
  `,
  "roots.cjs": `
    // Trace ids come from here; with a fixed seed the share that is recorded is always the same.
    let state = 42;
    Math.random = () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
    const tracer = require("@opentelemetry/api").trace.getTracer("app");
    for (let i = 0; i < 2000; i++) tracer.startSpan("root").end();
  `,
  "continued.cjs": `
    const { context, propagation, trace } = require("@opentelemetry/api");
    for (const flag of ["00", "01"]) {
      const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-" + flag;
      const parent = propagation.extract(context.active(), { traceparent });
      trace.getTracer("app").startSpan("continued " + flag, {}, parent).end();
    }
  `,
  "inject.cjs": `
    const { context, propagation, trace } = require("@opentelemetry/api");
    const baggage = propagation.createBaggage({ tenant: { value: "7" } });
    trace.getTracer("app").startActiveSpan("work", {}, propagation.setBaggage(context.active(), baggage), () => {
      const carrier = {};
      propagation.inject(context.active(), carrier);
      console.log(Object.keys(carrier).join());
    });
  `,
  // What a process looks like where something could have been patched.
  "fingerprint.cjs": `
    const Database = require("better-sqlite3");
    const http = require("node:http");
    const statement = new Database(":memory:").prepare("SELECT 1");
    const functionsOf = (object) => Object.getOwnPropertyNames(object)
      .map((name) => Object.getOwnPropertyDescriptor(object, name).value)
      .filter((value) => typeof value === "function")
      .map((each) => each.name + each.length + Function.prototype.toString.call(each));
    const objects = [http, require("node:https"), http.Server.prototype, Database.prototype, Object.getPrototypeOf(statement)];
    statement.get();
    // Nobody listens before there is something to show.
    const deadline = Date.now() + 2000;
    (function connect() {
      const socket = require("node:net").connect(Number(process.argv[2]), "127.0.0.1");
      socket.on("connect", () => finish(socket));
      socket.on("error", (error) => (Date.now() < deadline ? setTimeout(connect, 50) : finish(socket, error)));
    })();
    function finish(socket, result) {
      socket.destroy();
      console.log(JSON.stringify({
        functions: objects.map(functionsOf),
        emit: http.Server.prototype.emit === require("node:events").prototype.emit,
        listeners: process.eventNames().map(String).sort(),
        connected: result?.code ?? "yes",
      }));
    }
  `,
};

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

/** What the process writes to disks is not the same twice. */
const isFixed = ({ name }: ReceivedMetric): boolean => name !== "process.disk.io";

describe("the SDK", () => {
  const app = new App(FILES);
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

  it("sends the headers it is told to, who it is, and its bodies compressed where it is told to", async () => {
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

  it("says who is speaking and nothing of the command line, the environment or the user", async () => {
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

  it("touches nothing and listens nowhere where it is disabled", async () => {
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

  it("sends nothing where the exporters are none", async () => {
    await emit({ OTEL_TRACES_EXPORTER: "none", OTEL_METRICS_EXPORTER: "none", OTEL_LOGS_EXPORTER: "none" });
    expect(receiver.contentTypes).to.deep.equal([]);
  });

  it("writes each signal to the console where asked", async () => {
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

    it("records every trace where no environment is named, none on a developer's machine", async () => {
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

    it("keeps the decision a trace came in with", async () => {
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
