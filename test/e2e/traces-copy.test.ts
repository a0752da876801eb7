import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { App } from "../helpers/app.ts";
import { BlackHole, unconnectable } from "../helpers/black-hole.ts";
import { eventually } from "../helpers/eventually.ts";
import { FaultyCollector, type Fault } from "../helpers/faulty-collector.ts";
import { receiving } from "../helpers/receiver.ts";

/** Milliseconds a process may need more: the deadline of the last export and what a busy machine adds. */
const TOLERATED = 1_500;

/** Spans of the application, of an engine and of HTTP, in the main thread and in a worker. */
const FILES = {
  "package.json": `{ "name": "shop" }`,
  "spans.cjs": `
    const { createServer, get } = require("node:http");
    const { Worker, isMainThread } = require("node:worker_threads");
    const { trace } = require("@opentelemetry/api");
    const Database = require("better-sqlite3");
    const work = (name) => trace.getTracer("app").startActiveSpan(name, (span) => {
      const db = new Database(":memory:");
      db.transaction(() => db.exec("CREATE TABLE orders (id)"))();
      span.end();
    });
    if (!isMainThread) return work("in the worker");
    work("in the main thread");
    new Worker(__filename).on("exit", () => {
      const server = createServer((request, response) => response.end()).listen(0, "127.0.0.1", () => {
        get({ port: server.address().port, agent: false }, (response) => response.resume().on("end", () => server.close()));
      });
    });
  `,
  // Ends one span and then, while that is sent, has nothing more to do.
  "span.cjs": `
    require("@opentelemetry/api").trace.getTracer("app").startSpan("last").end();
    setTimeout(() => console.log("done"), 100);
  `,
  // Says, when it is asked, what keeps it alive.
  "asked.cjs": `
    require("@opentelemetry/api").trace.getTracer("app").startSpan("last").end();
    process.stdin.once("data", () => {
      process.stdin.destroy();
      setImmediate(() => console.log("kept alive by:", process.getActiveResourcesInfo().filter((name) => !/^(Pipe|TTY)Wrap$/.test(name)).join()));
    });
  `,
  "server.cjs": `
    require("@opentelemetry/api").trace.getTracer("app").startSpan("last").end();
    require("node:http").createServer().listen(0, "127.0.0.1", () => console.log("done"));
  `,
};

interface Copy {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly { spanId: string }[] }[];
  }[];
}

describe("copies of spans", () => {
  const app = new App(FILES);
  const receiver = receiving();
  const closing: (() => unknown)[] = [];
  /** The requests that receivers of copies have had. */
  const requests: ReadonlyMap<string, number[]>[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
    requests.length = 0;
  });

  async function answering(fault: Fault): Promise<string> {
    const collector = new FaultyCollector(fault);
    await collector.start();
    closing.push(() => collector.close());
    requests.push(collector.requests);
    return collector.url;
  }

  const holes: BlackHole[] = [];

  async function silent(): Promise<string> {
    const hole = new BlackHole();
    await hole.start();
    closing.push(
      () => hole.close(),
      () => holes.pop(),
    );
    holes.push(hole);
    return hole.url;
  }

  const environment = (copies: string, env: object = {}): Record<string, string> => ({
    ...receiver.env,
    OTEL_METRICS_EXPORTER: "none",
    STRATASCOPE_TRACES_COPY_ENDPOINT: `${copies}/v1/traces`,
    ...env,
  });

  describe("at a receiver that accepts them", () => {
    const ids: string[] = [];
    const headers: unknown[] = [];
    const copies = new FaultyCollector((response, request, body) => {
      const { resourceSpans } = JSON.parse(body.toString()) as Copy;
      ids.push(
        ...resourceSpans
          .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
          .map(({ spanId }) => spanId),
      );
      const { authorization, traceparent, "content-type": type } = request.headers;
      headers.push({ url: request.url, authorization, traceparent, type });
      response.end("{}");
    });
    before(() => copies.start());
    beforeEach(() => {
      ids.length = 0;
      headers.length = 0;
    });
    after(() => copies.close());

    it("include every span that the Collector gets, from workers and engines too, without its headers", async () => {
      const env = environment(copies.url, { OTEL_EXPORTER_OTLP_HEADERS: "authorization=SECRET" });
      expect(await app.run("spans.cjs", { env })).to.include({ code: 0, stderr: "" });
      const names = receiver.spans.map(({ name }) => name);
      expect(names).to.include.members(["in the main thread", "in the worker", "GET"]);
      expect(names.length).to.be.above(4);
      expect(ids).to.have.members(receiver.spans.map(({ spanId }) => spanId));
      const expected = {
        url: "/v1/traces",
        authorization: undefined,
        traceparent: undefined,
        type: "application/json",
      };
      for (const each of headers) expect(each).to.deep.equal(expected);
    });

    it("come with the user and the password of their own URL", async () => {
      const url = copies.url.replace("//", "//user:pass%20word@");
      const env = environment(url, { OTEL_EXPORTER_OTLP_HEADERS: "authorization=SECRET" });
      expect(await app.run("span.cjs", { env })).to.include({ code: 0, stderr: "" });
      const authorization = `Basic ${Buffer.from("user:pass word").toString("base64")}`;
      expect(headers).to.deep.equal([
        { url: "/v1/traces", authorization, traceparent: undefined, type: "application/json" },
      ]);
    });

    it("arrive while the Collector is down", async () => {
      const env = environment(copies.url, { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" });
      const { code, stderr } = await app.run("span.cjs", { env });
      expect(code).to.equal(0);
      expect(stderr).to.match(/^stratascope: traces cannot be sent over OTLP.*\n$/);
      expect(ids).to.have.length(1);
    });

    it("arrive by the time a signal ends the process", async () => {
      const server = app.start("server.cjs", { env: environment(copies.url) });
      await server.says(/done/);
      expect(await server.stop()).to.include({ signal: "SIGTERM", stderr: "" });
      expect(ids).to.have.length(1);
    });
  });

  /** Receivers that take no copy, and the reason in the log; none where the answer began well. */
  const DEAD: Readonly<Record<string, { readonly url: () => Promise<string>; readonly reason?: string }>> = {
    // Discard: no process without privileges can listen there.
    "is down": { url: async () => "http://127.0.0.1:9", reason: "connect ECONNREFUSED 127.0.0.1:9" },
    "never answers": { url: silent, reason: "(Request timed out|socket hang up)" },
    "cannot be connected to": {
      async url() {
        const deaf = await unconnectable();
        closing.push(deaf.close);
        return deaf.url;
      },
      reason: "(no connection by the end of the process|Request timed out|socket hang up)",
    },
    "answers 503, and asks to be asked again": {
      url: () => answering((response) => response.writeHead(503, { "retry-after": "0" }).end()),
      reason: "Export failed with retryable status",
    },
    "answers 404": { url: () => answering((response) => response.writeHead(404).end()), reason: "Not Found" },
    "answers 101": {
      url: () => answering((response) => response.writeHead(101, { connection: "upgrade", upgrade: "x" }).end()),
      reason: "it was answered with 101",
    },
    "answers without end": {
      url: () =>
        answering((response) => {
          const timer = setInterval(() => response.write("x"), 50);
          response.on("close", () => clearInterval(timer));
        }),
    },
  };

  for (const [which, { url, reason }] of Object.entries(DEAD)) {
    it(`cause one log line, and delay neither the process nor the Collector: a receiver that ${which}`, async () => {
      const running = app.start("span.cjs", { env: environment(await url(), { OTEL_BSP_SCHEDULE_DELAY: "10" }) });
      await running.says(/done/);
      const start = performance.now();
      const { code, stderr } = await running.ended;
      expect(performance.now() - start).to.be.below(TOLERATED);
      expect(code).to.equal(0);
      const line = `^stratascope: copies of spans cannot be sent to STRATASCOPE_TRACES_COPY_ENDPOINT \\(${reason}\\); .*\n$`;
      expect(stderr).to.match(new RegExp(reason === undefined ? "^$" : line));
      expect(receiver.spans.map(({ name }) => name)).to.deep.equal(["last"]);
      for (const asked of requests) expect(asked.get("/v1/traces")).to.have.length(1);
    });
  }

  it("do not keep the process alive while they are sent", async () => {
    const running = app.start("asked.cjs", { env: environment(await silent(), { OTEL_BSP_SCHEDULE_DELAY: "10" }) });
    await eventually(() => holes.some(({ connections }) => connections > 0), { every: 10 });
    running.process.stdin!.end("now");
    expect(await running.ended).to.include({ code: 0, stdout: "kept alive by: \n" });
  });
});
