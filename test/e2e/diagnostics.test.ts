import { request } from "node:http";
import { networkInterfaces } from "node:os";
import { expect } from "chai";
import { after, afterEach, before, describe, it } from "mocha";
import { engines } from "../../instrumentations/index.ts";
import { App, REGISTER } from "../helpers/app.ts";
import { eventually } from "../helpers/eventually.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { Receiver } from "../helpers/receiver.ts";
import { scrape, total } from "../helpers/scrape.ts";
import { RemoteApp, type Answered } from "../helpers/remote-app.ts";

/** What marks a value that may not be shown. */
const SECRET = "S3CRET";

const TOKEN = `${SECRET}-token`;
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

/** An address of this machine that is not the loopback; undefined where it has none. */
const address = Object.values(networkInterfaces())
  .flat()
  .find((each) => each?.family === "IPv4" && !each.internal)?.address;

describe("diagnostics", () => {
  describe("of a process with secrets", () => {
    let app: RemoteApp;
    before(async () => {
      app = await RemoteApp.start("node-sqlite", {
        env: {
          OTEL_EXPORTER_PROMETHEUS_HOST: "0.0.0.0",
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://user:${SECRET}1@127.0.0.1:4318/path?key=${SECRET}2`,
          OTEL_EXPORTER_OTLP_HEADERS: `authorization=${SECRET}3`,
          OTEL_EXPORTER_OTLP_TRACES_HEADERS: `x=${SECRET}4`,
          OTEL_RESOURCE_ATTRIBUTES: "team=storage",
          STRATASCOPE_ADMIN_TOKEN: TOKEN,
          STRATASCOPE_ALERTS: "default",
          STRATASCOPE_ALERTS_WEBHOOK: `http://127.0.0.1:9/${SECRET}6`,
          STRATASCOPE_HEALTH_PROBE_FOLDER: `/var/${SECRET}7/probe`,
          STRATASCOPE_DISABLED_ENGINES: "better-sqlite3",
        },
      });
      await app.evaluate(`require("node:fs").mkdirSync("folder-${SECRET}8"); kept.db = open("folder-${SECRET}8/words.db");
        kept.db.exec("PRAGMA journal_mode = WAL; CREATE TABLE words (word); INSERT INTO words VALUES ('${SECRET}9')");
        api.health.add({ name: "cache", required: false, run() { throw new Error("${SECRET}10") } })`);
    });
    after(() => app.stop());

    it("show versions, observed engines or the reasons why not, resource usage and settings", async () => {
      const { status, body, headers } = await app.askPrivately("/debug/status");
      expect([status, headers["cache-control"]]).to.deep.equal([200, "no-store"]);
      expect(body["version"]).to.include({ node: process.versions.node, stratascope: "0.1.0" });
      expect(body["uptime_seconds"]).to.be.greaterThan(0);
      expect(body["engines"]).to.deep.include.members([
        { id: "node-sqlite", state: "observed", version: process.versions.node },
        { id: "better-sqlite3", state: "left alone", reason: "STRATASCOPE_DISABLED_ENGINES names it" },
      ]);
      const [storage] = body["storage"] as [Record<string, Record<string, number>>];
      expect(body["storage"]).to.have.length(1);
      expect(storage).to.include({ "db.system.name": "sqlite", "db.namespace": "words", connections: 1 });
      expect(storage["version"]).to.equal(process.versions["sqlite"]);
      expect(storage["space_bytes"]!["table"]).to.be.greaterThan(0);
      expect(storage["space_bytes"]!["wal"]).to.be.greaterThan(0);
      expect(storage["filesystem_bytes"]!["free"]).to.be.greaterThan(0);
      expect(body["health"]).to.include({ liveness: "healthy" });
      const configuration = body["configuration"] as Record<string, unknown>;
      expect(configuration).to.include({
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318/path",
        OTEL_EXPORTER_OTLP_HEADERS: "[redacted]",
        STRATASCOPE_ADMIN_TOKEN: "[redacted]",
        STRATASCOPE_ALERTS_WEBHOOK: "[redacted]",
        STRATASCOPE_HEALTH_PROBE_FOLDER: "…/probe",
        STRATASCOPE_SLOW_OPERATION_MS: 100,
      });
      expect(configuration["OTEL_RESOURCE_ATTRIBUTES"]).to.deep.equal({ team: "storage" });
    });

    it("contain no secret, stack or path", async () => {
      const paths = ["/livez", "/readyz", "/health", "/ready", "/metrics", "/metrics.json", "/metrics/history.json"];
      for (const path of [...paths, "/debug/status", "/debug/alerts", "/debug/sampling", "/debug/log-level", "/no"]) {
        const { text } = await (path.startsWith("/debug") ? app.askPrivately(path) : app.ask(path));
        expect(text, path).not.to.contain(SECRET);
        expect(text, path).not.to.contain(app.folder);
        expect(text, path).not.to.match(/\bat \w+.*:\d+:\d+/);
      }
    });

    it("pass no secret to a worker without an environment, nor to one that it starts", async () => {
      const told = await app.evaluate(`const { Worker, getEnvironmentData } = require("node:worker_threads");
        const seen = [getEnvironmentData("stratascope/0.1.0")];
        for (const isParent of [false, true]) {
          const worker = new Worker("./environment-worker.cjs", { env: {}, workerData: { isParent } });
          seen.push((await require("node:events").once(worker, "message"))[0]);
        }
        return require("node:util").inspect(seen, { depth: 9 })`);
      expect(told).to.contain("slowSpanMilliseconds").and.not.contain(SECRET);
    });

    const REFUSED: readonly (readonly [who: string, headers: Record<string, string>])[] = [
      ["no token, though it is on this machine, as one behind a proxy here is", {}],
      ["a wrong token", bearer("wrong")],
      ["the beginning of the token", bearer(TOKEN.slice(0, -1))],
      ["no scheme", { authorization: TOKEN }],
      ["the token of another scheme", { authorization: `Basic ${TOKEN}` }],
      ["the token somewhere else", { cookie: TOKEN, "x-token": TOKEN }],
    ];
    for (const [who, headers] of REFUSED) {
      it(`are refused to a client that has ${who}`, async () => {
        for (const [path, method] of [
          ["/debug/status", "GET"],
          ["/debug/alerts", "GET"],
          ["/debug/sampling", "PUT"],
          ["/debug/log-level", "DELETE"],
          ["/debug/log-level/constructor", "GET"],
        ] as const) {
          const { status, headers: said, text } = await app.ask(path, { method, headers });
          expect([status, said["www-authenticate"]], path).to.deep.equal([401, "Bearer"]);
          expect(text).not.to.contain("node-sqlite").and.not.to.contain(TOKEN);
        }
        expect((await app.ask("/livez", { headers })).status).to.equal(200);
      });
    }

    it("are shown to a client with the token, from any address", async () => {
      const headers = { ...bearer(TOKEN), host: "example.com", "x-forwarded-for": "203.0.113.7" };
      expect((await app.ask("/debug/status", { headers })).status).to.equal(200);
    });

    it("are refused to other machines, which may read health and metrics", async function () {
      if (address === undefined) {
        console.log("      not run: this machine has no address but the loopback");
        this.skip();
      }
      const from = (path: string, headers: Record<string, string> = {}): Promise<number> =>
        new Promise((resolve, reject) => {
          const url = new URL(path, app.url.replace("127.0.0.1", address));
          request(url, { headers, agent: false }, (response) => {
            response.resume();
            resolve(response.statusCode!);
          })
            .on("error", reject)
            .end();
        });
      const asked = ["/debug/status", "/debug/sampling", "/livez", "/metrics"].map((path) => from(path));
      expect(await Promise.all(asked)).to.deep.equal([401, 401, 200, 200]);
      expect(await from("/debug/status", { host: "localhost" })).to.equal(401);
      expect(await from("/debug/status", bearer(TOKEN))).to.equal(200);
    });
  });

  it("show that there is no token, and that an engine is not loaded", async () => {
    const app = await RemoteApp.start("node-sqlite");
    for (const headers of [{}, bearer(""), bearer("x"), { authorization: "Bearer" }])
      expect((await app.ask("/debug/status", { headers })).status).to.equal(403);
    const { body } = await app.askPrivately("/debug/status");
    const ofNode = { version: process.versions.node };
    expect(body["engines"]).to.deep.equal(
      engines.map(({ id }) => ({ id, state: "not loaded", ...(id === "node-sqlite" ? ofNode : {}) })),
    );
    expect(body["log_libraries"]).to.deep.equal(
      ["bunyan", "pino", "winston"].map((id) => ({ id, state: "not loaded" })),
    );
    expect(body["storage"]).to.deep.equal([]);
    await app.stop();
  });

  it("have the metrics of /metrics and OTLP, with quantiles, and those of the application", async () => {
    const app = await RemoteApp.start("node-sqlite");
    await app.evaluate(`kept.db = open("words.db"); kept.db.exec("CREATE TABLE words (word)");
      const insert = kept.db.prepare("INSERT INTO words VALUES (?)"); for (let i = 0; i < 100; i++) insert.run("x");
      const meter = require("@opentelemetry/api").metrics.getMeter("app");
      meter.createCounter("orders").add(7); const h = meter.createHistogram("sizes", { advice: { explicitBucketBoundaries: [1, 10] } }); h.record(5); h.record(50)`);
    const { body } = await app.ask("/metrics.json");
    interface Series {
      readonly name: string;
      readonly type: string;
      readonly unit: string;
      readonly attributes: Record<string, string>;
      readonly value?: number;
      readonly timestamp: string;
      readonly histogram?: {
        readonly count: number;
        readonly sum: number;
        readonly max: number;
        readonly quantiles?: Record<string, number>;
        readonly buckets?: unknown;
      };
    }
    const series = body["metrics"] as Series[];
    const inserts = series.find(
      ({ name, attributes }) =>
        name === "db.client.operation.duration" && attributes["db.query.summary"] === "INSERT words",
    )!;
    expect([inserts.type, inserts.unit, inserts.histogram!.count]).to.deep.equal(["histogram", "s", 100]);
    const { p50, p99, p999 } = inserts.histogram!.quantiles as Record<"p50" | "p99" | "p999", number>;
    expect(p50).to.be.greaterThan(0).and.at.most(p99);
    expect(p99).to.be.at.most(p999);
    // A quantile is the middle of a bucket that is 9 % wide.
    expect(p999).to.be.at.most(inserts.histogram!.max * 1.05);
    expect(p50 * 50).to.be.at.most(inserts.histogram!.sum * 1.1);
    const page = await scrape(`${app.url}/metrics`);
    const labels = { db_query_summary: "INSERT words" };
    expect(total(page, "db_client_operation_duration_seconds_count", labels)).to.equal(100);
    expect(total(page, "db_client_operation_duration_seconds_sum", labels)).to.equal(inserts.histogram!.sum);
    expect(series.find(({ name }) => name === "orders")).to.include({ type: "counter", value: 7 });
    expect(series.find(({ name }) => name === "sizes")!.histogram).to.deep.equal({
      count: 2,
      sum: 55,
      max: 50,
      buckets: [
        { le: 1, count: 0 },
        { le: 10, count: 1 },
        { le: "+Inf", count: 2 },
      ],
    });
    for (const { timestamp } of series) expect(Math.abs(Date.now() - Date.parse(timestamp))).to.be.lessThan(60_000);
    const pulled = (await app.evaluate(
      `return [await api.ownMetrics.toJson(), await api.ownMetrics.toPrometheus("openmetrics")]`,
    )) as [Series[], string];
    expect(pulled[0].filter(({ name }) => name === "db.client.operation.duration").length).to.be.greaterThan(1);
    expect(pulled[1])
      .to.contain('db_query_summary="INSERT words"')
      .and.to.match(/# EOF\n$/);
    await app.stop();
  });

  it("keep the last sixty values of 500 series", async () => {
    const app = await RemoteApp.start("node-sqlite", { env: { STRATASCOPE_HEALTH_INTERVAL_MS: "50" } });
    await app.evaluate(`kept.db = open("words.db"); kept.db.exec("CREATE TABLE words (word)");
      const insert = kept.db.prepare("INSERT INTO words VALUES (?)");
      for (let i = 0; i < 10; i++) { insert.run("x"); await sleep(150); }`);
    interface Past {
      readonly times: string[];
      readonly omitted: number;
      readonly series: { readonly name: string; readonly attributes: object; readonly values: (number | null)[] }[];
    }
    const past = async (name: string): Promise<Past> =>
      (await app.ask(`/metrics/history.json?name=${name}`)).body as unknown as Past;
    const { times, series } = await past("db.client.operation.duration");
    const { values } = series.find(({ attributes }) => JSON.stringify(attributes).includes("INSERT"))!;
    expect(values.length).to.equal(times.length);
    expect(times).to.deep.equal([...times].sort());
    const known = values.filter((value) => value !== null);
    expect(known).to.deep.equal([...known].sort((a, b) => a - b));
    expect(new Set(known).size).to.be.greaterThan(5);
    await eventually(async () => {
      const { times: now } = await past("db");
      return now.length >= 60 && now[0]! > times[0]!;
    });
    expect((await past("db")).times.length).to.equal(60);
    await app.evaluate(
      `for (let i = 0; i < 300; i++) { kept.db.exec("CREATE TABLE t" + i + " (a)"); kept.db.prepare("INSERT INTO t" + i + " VALUES (1)").run(); }`,
    );
    await eventually(async () => (await past("")).omitted > 100, { every: 100 });
    const all = await past("");
    expect(all.series.length).to.equal(500);
    await app.stop();
  });
});

describe("temporary overrides", () => {
  const receiver = new Receiver();
  before(() => receiver.start());
  after(() => receiver.close());
  let app: RemoteApp | undefined;
  afterEach(async () => {
    await app?.stop();
    app = undefined;
  });

  const start = async (env: Record<string, string>, node?: string): Promise<RemoteApp> => {
    receiver.clear();
    const sent = { ...receiver.env, OTEL_METRICS_EXPORTER: "prometheus", OTEL_BSP_SCHEDULE_DELAY: "50" };
    app = await RemoteApp.start("node-sqlite", { env: { ...sent, ...env }, ...(node === undefined ? {} : { node }) });
    return app;
  };

  /** Makes spans of that name. @returns how many of them record, once they have arrived */
  async function recorded(app: RemoteApp, name: string, count: number): Promise<number> {
    const recording = await app.evaluate(`const tracer = require("@opentelemetry/api").trace.getTracer("app");
      const spans = Array.from({ length: ${count} }, () => tracer.startSpan("${name}"));
      for (const span of spans) span.end();
      return spans.filter((span) => span.spanContext().traceFlags === 1).length`);
    const arrived = (): number => receiver.spans.filter((span) => span.name === name).length;
    await eventually(() => arrived() >= Number(recording));
    return arrived();
  }

  const sampling = async (app: RemoteApp, method: string, body?: object): Promise<Answered> =>
    app.askPrivately("/debug/sampling", body === undefined ? { method } : { method, body });

  for (const version of SUPPORTED) {
    it(`of the sampling ratio end by themselves, on Node.js ${version}`, async () => {
      const app = await start({ OTEL_TRACES_SAMPLER: "parentbased_always_off" }, nodeOf(version));
      expect((await sampling(app, "GET")).body).to.deep.equal({ value: 0, base: 0, until: null });
      expect(await recorded(app, "before", 20)).to.equal(0);
      const { status, body } = await sampling(app, "PUT", { value: 1, seconds: 5 });
      expect([status, body["value"], body["base"]]).to.deep.equal([200, 1, 0]);
      expect(Date.parse(String(body["until"])) - Date.now()).to.be.within(0, 5_000);
      expect(await recorded(app, "during", 20)).to.equal(20);
      await eventually(async () => (await sampling(app, "GET")).body["until"] === null, { every: 100 });
      expect((await sampling(app, "GET")).body).to.deep.equal({ value: 0, base: 0, until: null });
      expect(await recorded(app, "after", 20)).to.equal(0);
    });
  }

  it("of the sampling ratio apply to HTTP requests", async () => {
    const app = await start({ OTEL_TRACES_SAMPLER: "parentbased_always_off" });
    await app.evaluate(`const { createServer } = require("node:http"), { trace } = require("@opentelemetry/api");
      kept.recording = 0;
      kept.server = createServer((request, response) => {
        kept.recording += trace.getActiveSpan().spanContext().traceFlags;
        response.end();
      });
      await new Promise((resolve) => kept.server.listen(0, "127.0.0.1", resolve));
      kept.get = async (path) => fetch("http://127.0.0.1:" + kept.server.address().port + path).then((r) => r.text());`);
    const requests = async (path: string): Promise<number> => {
      const recording = await app.evaluate(`kept.recording = 0;
        for (let i = 0; i < 10; i++) await kept.get("${path}");
        return kept.recording`);
      const arrived = (): number => receiver.spans.filter(({ attributes }) => attributes["url.path"] === path).length;
      await eventually(() => arrived() >= Number(recording));
      return arrived();
    };
    expect(await requests("/before")).to.equal(0);
    await sampling(app, "PUT", { value: 1 });
    expect(await requests("/during")).to.equal(10);
    expect((await sampling(app, "DELETE")).body).to.deep.equal({ value: 0, base: 0, until: null });
    expect(await requests("/after")).to.equal(0);
    await app.evaluate(`kept.server.closeAllConnections(); kept.server.close()`);
  });

  it("of the sampling ratio and of log levels apply in worker threads", async () => {
    const app = await start({ OTEL_TRACES_SAMPLER: "parentbased_always_off" });
    await app.evaluate(`const { Worker } = require("node:worker_threads");
      kept.start = (name) => (kept[name] = new Worker("./recording-worker.cjs"));
      kept.level = async (name, span = "") => {
        kept[name].postMessage(span);
        return (await require("node:events").once(kept[name], "message"))[0];
      };
      kept.until = async (name, level) => { while (await kept.level(name) !== level) await sleep(20); };
      kept.start("first"); await kept.level("first", "before")`);
    await sampling(app, "PUT", { value: 1, seconds: 60 });
    await app.askPrivately("/debug/log-level", { method: "PUT", body: { value: "trace", seconds: 60 } });
    expect(await app.evaluate(`await kept.until("first", "trace"); return kept.level("first", "during")`)).to.equal(
      "trace",
    );
    await app.evaluate(`kept.start("second"); await kept.until("second", "trace")`);
    expect(await app.evaluate(`return kept.level("second", "from the start")`)).to.equal("trace");
    await sampling(app, "DELETE");
    await app.askPrivately("/debug/log-level", { method: "DELETE" });
    expect(await app.evaluate(`await kept.until("first", "info"); return kept.level("first", "after")`)).to.equal(
      "info",
    );
    await app.evaluate(`for (const name of ["first", "second"]) await kept[name].terminate()`);
    await app.stop();
    expect(receiver.spans.map(({ name }) => name)).to.deep.equal(["during", "from the start"]);
  });

  it("of the sampling ratio keep the decision of an incoming trace", async () => {
    const app = await start({ OTEL_TRACES_SAMPLER: "parentbased_always_on" });
    await app.evaluate(`api.sampleFor(0.3, 60)`);
    expect((await sampling(app, "GET")).body).to.include({ value: 0.3, base: 1 });
    expect(await recorded(app, "some", 1000)).to.be.within(200, 400);
    await app.evaluate(`const { trace, context, TraceFlags } = require("@opentelemetry/api");
      for (const traceFlags of [TraceFlags.SAMPLED, TraceFlags.NONE]) {
        const parent = trace.setSpanContext(context.active(), { traceId: "ff".repeat(16), spanId: "0f".repeat(8), traceFlags, isRemote: true });
        trace.getTracer("app").startSpan(traceFlags === TraceFlags.NONE ? "unsampled" : "sampled", {}, parent).end();
      } api.restoreSampling()`);
    expect(await recorded(app, "all", 50)).to.equal(50);
    const names = receiver.spans.map(({ name }) => name);
    expect(names).to.include("sampled").and.not.include("unsampled");
  });

  it("with invalid values are refused, and change nothing", async () => {
    const app = await start({});
    const bodies = [{ value: 1.1 }, { value: "1" }, {}, { value: 0.5, seconds: 0 }, { value: 0.5, seconds: 1e9 }, []];
    for (const body of bodies) {
      const { status } = await sampling(app, "PUT", body);
      expect(status, JSON.stringify(body)).to.equal(400);
    }
    expect((await sampling(app, "PUT", { value: 0.5, more: "x".repeat(5_000) })).status).to.equal(413);
    expect((await app.askPrivately("/debug/log-level", { method: "PUT", body: { value: "loud" } })).status).to.equal(
      400,
    );
    expect((await sampling(app, "POST", { value: 1 })).status).to.equal(405);
    expect((await sampling(app, "GET")).body).to.deep.equal({ value: 1, base: 1, until: null });
    await app.stop();
    const none = await start({ OTEL_TRACES_EXPORTER: "none" });
    expect((await sampling(none, "PUT", { value: 1 })).status).to.equal(409);
  });

  it("of the log level apply to all loggers, or to those of a subsystem", async () => {
    const app = await start({ STRATASCOPE_LOG_LEVELS: "api=warn" });
    const ask = async (path: string, method: string, body?: object): Promise<unknown> =>
      (await app.askPrivately(`/debug/log-level${path}`, { method, body })).body;
    const writes = (): Promise<unknown> =>
      app.evaluate(
        `return ["", "api", "api.orders"].map((name) => api.logLevels()[name] ?? api.logLevels()[""]).join()`,
      );
    await app.evaluate(`api.logger("api.orders")`);
    expect(await ask("/api.orders", "GET")).to.deep.equal({ value: "warn", base: null, until: null });
    await ask("/api.orders", "PUT", { value: "trace", seconds: 60 });
    await ask("", "PUT", { value: "error", seconds: 0.5 });
    expect(await writes()).to.equal("error,warn,trace");
    expect(await ask("", "GET")).to.deep.include({
      value: "error",
      base: "info",
      levels: { "": "error", api: "warn", "api.orders": "trace" },
    });
    await eventually(async () => (await writes()) === "info,warn,trace");
    expect(await ask("/api.orders", "DELETE")).to.deep.equal({ value: "warn", base: null, until: null });
    expect(
      (await app.askPrivately("/debug/log-level/api", { method: "PUT", body: { value: "verbose" } })).status,
    ).to.equal(400);
    expect((await app.askPrivately("/debug/log-level/%ff", { method: "PUT", body: { value: "off" } })).status).to.equal(
      404,
    );
    expect((await app.askPrivately("/debug/sampling/api", { method: "GET" })).status).to.equal(404);
  });

  it("of the level of our own log apply to it", async () => {
    const app = await start({});
    const level = (body: object): Promise<Answered> =>
      app.askPrivately("/debug/log-level/stratascope", { method: "PUT", body });
    await level({ value: "none", seconds: 60 });
    await sampling(app, "PUT", { value: 0.4 });
    await level({ value: "info", seconds: 60 });
    await sampling(app, "PUT", { value: 0.6 });
    await app.running.says(/sampling was changed: \{"value":0\.6/);
    await app.stop();
    expect((await app.running.ended).stderr).not.to.contain('"value":0.4');
  });

  it("of the sampling ratio begin with a signal if that is enabled, and end with the next", async () => {
    const app = await start({
      OTEL_TRACES_SAMPLER: "parentbased_always_off",
      STRATASCOPE_INCIDENT_SIGNAL: "sigusr2",
      STRATASCOPE_INCIDENT_SECONDS: "60",
    });
    app.running.process.kill("SIGUSR2");
    await app.running.says(/sampling was changed: 1/);
    expect(await recorded(app, "during", 20)).to.equal(20);
    app.running.process.kill("SIGUSR2");
    await app.running.says(/sampling was changed: 0/);
    expect(await recorded(app, "after", 20)).to.equal(0);
  });

  it("do not begin with the signal otherwise, which ends the process", async () => {
    const app = new App({ "app.cjs": `console.log("ready"); setInterval(() => {}, 1000);` });
    const running = app.start("app.cjs", { flags: ["--require", REGISTER] });
    await running.says(/ready/);
    expect((await running.stop("SIGUSR2")).signal).to.equal("SIGUSR2");
  });
});
