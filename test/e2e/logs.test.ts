import { cpSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { REGISTER, ROOT } from "../helpers/app.ts";
import { linesOf, runs, runsLine, type Line } from "../helpers/logged.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { Receiver, receiving } from "../helpers/receiver.ts";
import { unregisteredEvents } from "../helpers/registry.ts";
import { SCHEMA_URL } from "../../semconv/index.ts";
import { temporaryFolder } from "../helpers/temp.ts";

const ENVIRONMENT = "deployment.environment.name=production,service.version=1.2.3";

describe("a logger", () => {
  const receiver = receiving();

  for (const version of SUPPORTED) {
    it(`writes every field of a record, in a line and over OTLP, on Node.js ${version}`, async () => {
      const env = {
        ...receiver.env,
        OTEL_METRICS_EXPORTER: "none",
        OTEL_RESOURCE_ATTRIBUTES: ENVIRONMENT,
        OTEL_TRACES_SAMPLER: "always_on",
        STRATASCOPE_LOG_OMIT: "",
      };
      const ended = await runs("everything.cjs", { node: nodeOf(version), env });
      expect(ended).to.include({ code: 0, stderr: "" });
      const [line, ...more] = linesOf(ended);
      expect(more).to.deep.equal([]);
      const { timestamp, instance, "error.stack": stack, ...rest } = line!;
      const span = receiver.spans.find(({ name }) => name === "check")!;
      expect(rest).to.deep.equal({
        level: "error",
        severity_number: 17,
        message: "validation failed",
        event_name: "validation.failed",
        service: "shop",
        version: "1.2.3",
        environment: "production",
        scope: "api.orders",
        trace_id: span.traceId,
        span_id: span.spanId,
        trace_flags: 1,
        spans: ["GET", "check"],
        "thread.id": 0,
        "thread.name": "main",
        correlation_id: "order-4711",
        request_id: "r1",
        org_id: "acme",
        project_id: "site",
        user_id: "u7",
        ip: "192.0.2.7",
        route: "/orders/:id",
        source: "api",
        duration_ms: 12.3,
        outcome: "error",
        amount: 3,
        "error.type": "E_INVALID",
        "exception.type": "TypeError",
        "error.message": "not valid",
      });
      expect(new Date(String(timestamp)).toISOString()).to.equal(timestamp);
      expect(instance).to.equal(receiver.resource["service.instance.id"]);
      expect(stack).to.match(/^TypeError: not valid\n {4}at .*everything\.cjs:\d+:\d+/);
      expect(stack).not.to.contain("/everything.cjs");

      const [record] = receiver.logs;
      expect(receiver.logs).to.have.length(1);
      expect(record).to.deep.include({
        body: "validation failed",
        severityText: "ERROR",
        scope: "api.orders",
        traceId: span.traceId,
        spanId: span.spanId,
        attributes: {
          "request.correlation_id": "order-4711",
          "request.id": "r1",
          "request.source": "api",
          "tenant.id": "acme",
          "tenant.project.id": "site",
          "user.id": "u7",
          "client.address": "192.0.2.7",
          "http.route": "/orders/:id",
          "request.duration": 0.0123,
          "request.outcome": "error",
          amount: 3,
          "error.type": "E_INVALID",
          "exception.type": "TypeError",
          "exception.message": "not valid",
          "exception.stacktrace": stack,
        },
      });
    });
  }

  it("uses the names of OpenTelemetry in lines if that is configured, and omits the configured fields", async () => {
    const env = {
      STRATASCOPE_LOG_NAMES: "otel",
      STRATASCOPE_LOG_OMIT: "instance,ip,scope,spans,tenant.project.id,thread.id",
    };
    const [line] = linesOf(await runs("everything.cjs", { env }));
    expect(line).to.include({
      "service.name": "shop",
      "tenant.id": "acme",
      "request.duration": 0.0123,
      "exception.message": "not valid",
      "thread.name": "main",
    });
    expect(line).not.to.have.any.keys("service", "instance", "service.instance.id", "client.address", "ip", "scope");
    expect(line).not.to.have.any.keys("spans", "tenant.project.id", "project_id", "thread.id");
  });

  it("writes for people on one line, which cannot move the cursor, and the stack below", async () => {
    const code = `logger("api").warn("one\\ntwo \\u001b[2J", { a: "x\\ty", b: { c: 1 }, error: new Error("e") });`;
    const { stdout } = await runsLine(code, { env: { STRATASCOPE_LOG_FORMAT: "pretty", NO_COLOR: "1" } });
    expect(stdout).to.match(
      /^\d\d:\d\d:\d\d WARN {2}api one\\ntwo \\u001b\[2J a=x\\ty b=\{"c":1\} error.type=Error exception.type=Error error.message=e\n {2}Error: e\n {6}at /,
    );
  });

  it("writes nothing with `none`, but sends", async () => {
    const ended = await runsLine(`logger("api").info("sent");`, {
      env: { ...receiver.env, STRATASCOPE_LOG_FORMAT: "none" },
    });
    expect(ended).to.include({ code: 0, stdout: "" });
    expect(receiver.logs.map(({ body, schemaUrl }) => [body, schemaUrl])).to.deep.equal([["sent", SCHEMA_URL]]);
  });

  it("has the level of its subsystem, which can be changed at run time", async () => {
    const ended = await runs("levels.cjs", { env: { STRATASCOPE_LOG_LEVELS: "warn,db=info" } });
    const counts: Record<string, number> = {};
    for (const { scope, n } of linesOf(ended)) {
      const key = `${String(n)} ${String(scope)}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
    expect(counts).to.deep.equal({
      "1 api": 3,
      "1 api.orders": 3,
      "1 db": 4,
      "2 api": 2,
      "2 api.orders": 6,
      "3 api": 2,
      "3 api.orders": 2,
    });
    expect(ended.stdout).to.contain(
      'levels {"":"error","api":"error","api.orders":"error","db":"off"} false true true\n',
    );
    expect(ended.stdout).to.contain(
      'TypeError there is no level "loud"; known are trace, debug, info, warn, error, fatal, off\n',
    );
  });

  for (const [environment, levels] of [
    ["local", ["debug", "info"]],
    ["development", ["debug", "info"]],
    ["production", ["info"]],
  ] as const) {
    it(`writes ${levels.join(" and ")} in ${environment} by default`, async () => {
      const env = { OTEL_RESOURCE_ATTRIBUTES: `deployment.environment.name=${environment}` };
      const ended = await runsLine(`logger("api").trace("x"); logger("api").debug("x"); logger("api").info("x");`, {
        env,
      });
      expect(linesOf(ended).map(({ level }) => level)).to.deep.equal(levels);
    });
  }

  it("samples records below a warning by trace, and reports the ratio", async () => {
    const env = {
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=production",
      STRATASCOPE_LOG_SAMPLING: "1,production=0.25",
    };
    const lines = linesOf(await runs("sampled.cjs", { env }));
    const those = (message: string): Line[] => lines.filter((line) => line["message"] === message);
    expect(those("urgent")).to.have.length(4);
    expect(those("a").map(({ i }) => i)).to.deep.equal(those("b").map(({ i }) => i));
    // With 400 traces, 25 % are between 15 % and 35 % but once in 100,000 runs.
    expect(those("a").length).to.be.within(60, 140);
    expect(those("outside").length).to.be.within(180, 320);
    const dropped = lines.reduce((sum, line) => sum + Number(line["dropped"] ?? 0), 0);
    expect(dropped + lines.length).to.equal(400 * 2 + 4 + 1000 + 1);
  });

  it("keeps everything if no ratio is set for the environment", async () => {
    const code = `for (let i = 0; i < 50; i++) logger("api").info("x");`;
    const env = { STRATASCOPE_LOG_SAMPLING: "production=0" };
    expect(linesOf(await runsLine(code, { env }))).to.have.length(50);
  });

  it("writes values of any kind", async () => {
    const ended = await runs("odd-values.cjs", { env: { OTEL_LOG_LEVEL: "warn" } });
    expect(ended.code).to.equal(0);
    const fields = linesOf(ended).map((line) => {
      const own = Object.entries(line).filter(
        ([name]) =>
          !["timestamp", "level", "severity_number", "service", "scope", "thread.id", "thread.name"].includes(name),
      );
      return Object.fromEntries(own);
    });
    expect(fields).to.deep.equal([
      {
        message: "values",
        big: "1",
        symbol: "Symbol(s)",
        date: "1970-01-01T00:00:00.000Z",
        not: null,
        cycle: { self: "[circular]" },
        map: {},
        nested: { error: { type: "Error", message: "e" }, big: "2" },
        hostile: "[unreadable]",
      },
      {
        message: "names",
        "field.level": "mine",
        "field.message": "mine",
        "field.trace_id": "mine",
        "field.service": "mine",
      },
      { message: "no object" },
      { message: '{"not":"text"}' },
      { message: "undefined" },
      { message: "null" },
      { message: "error", "error.type": "_OTHER", "exception.type": "string", "error.message": "a text" },
      { message: "getter", boom: "[unreadable]" },
      { message: "after" },
    ]);
    expect(ended.stderr).to.equal("");
  });

  it("names the spans around a record, the nearest eight", async () => {
    const [line] = linesOf(await runs("nested-spans.cjs"));
    expect(line!["spans"]).to.deep.equal(["s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "s12"]);
  });

  it("names the thread", async () => {
    const lines = linesOf(await runs("threads.cjs"));
    expect(lines.map((line) => [line["service"], line["thread.id"]])).to.deep.equal([
      ["shop", 1],
      ["shop", 0],
    ]);
    expect(lines[0]!["thread.name"]).to.match(/^(importer|worker-1)$/);
  });

  it("is the same in another copy of this package, with the settings of the one that was started", async () => {
    const folder = temporaryFolder();
    for (const part of ["dist", "package.json"]) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
    cpSync(join(ROOT, "node_modules/@opentelemetry/api"), join(folder, "node_modules/@opentelemetry/api"), {
      recursive: true,
    });
    for (const name of ["core", "semantic-conventions"])
      cpSync(join(ROOT, "node_modules/@opentelemetry", name), join(folder, "node_modules/@opentelemetry", name), {
        recursive: true,
      });
    const ended = await runs("other-copy.cjs", { args: [join(folder, "dist/src/core.cjs")] });
    expect(ended.stdout).to.match(/^true\n\{[^\n]*"message":"yes","service":"shop"[^\n]*\}\n$/);
  });

  it("works in an application without stratascope, or if it is disabled", async () => {
    const code = `logger("a").debug("x"); logger("a").info("y");`;
    const env = { STRATASCOPE_LOG_LEVELS: "debug", OTEL_SERVICE_NAME: "alone" };
    for (const options of [{ flags: [], env }, { env: { ...env, OTEL_SDK_DISABLED: "true" } }]) {
      const ended = await runsLine(code, options);
      expect(ended).to.include({ code: 0, stderr: "" });
      expect(linesOf(ended).map(({ message, service }) => [message, service])).to.deep.equal([
        ["x", "alone"],
        ["y", "alone"],
      ]);
    }
  });
});

describe("a record of each request", () => {
  const receiver = new Receiver();
  before(() => receiver.start());
  after(() => receiver.close());

  it("has its route, status, duration and outcome if that is enabled", async () => {
    const env = {
      ...receiver.env,
      STRATASCOPE_LOG_REQUESTS: "true",
      OTEL_METRICS_EXPORTER: "none",
      // The receiver knows the names of events in this form alone.
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    };
    const lines = linesOf(await runs("requests.cjs", { env }));
    const shown = lines.map((line) =>
      [line["level"], line["message"], line["outcome"], line["error.type"] ?? "-"].join(", "),
    );
    expect(shown).to.deep.equal([
      "info, GET /:status 200, success, -",
      "info, GET /:status 302, success, -",
      "info, GET /:status 404, error, -",
      "info, GET /:status 408, retry, -",
      "info, GET /:status 425, retry, -",
      "info, GET /:status 429, retry, -",
      "error, GET /:status 500, error, 500",
      "error, GET /:status 503, retry, 503",
      "warn, GET no response, error, ECONNRESET",
    ]);
    for (const line of lines) {
      expect(line).to.include({ scope: "http", source: "api", event_name: "http.server.request.completed" });
      expect(line["duration_ms"]).to.be.within(0, 60_000);
      expect(line["request_id"]).to.equal(line["span_id"]);
    }
    expect(receiver.logs).to.have.length(9);
    expect(unregisteredEvents(receiver.logs)).to.deep.equal([]);
  });

  it("is not written by default", async () => {
    expect((await runs("requests.cjs")).stdout).to.equal("");
  });
});

describe("an error that is not handled", () => {
  it("is a line beside those of the application's loggers, with the ids of its request", async () => {
    const ended = await runs("throws-in-listener.cjs", { flags: ["--require", REGISTER] });
    expect(ended.code).to.equal(1);
    const lines = linesOf(ended);
    expect(lines).to.have.length(1);
    expect(lines[0]).to.include({
      level: "fatal",
      scope: "process",
      event_name: "process.error.unhandled",
      message: "uncaught exception",
      correlation_id: "c1",
      "error.message": "in a listener",
      "health.error.type": "uncaught_exception",
    });
    expect(lines[0]!["trace_id"]).to.match(/^[0-9a-f]{32}$/);
  });

  for (const [value, message] of [
    ["on", "S3CRET"],
    ["without-message", undefined],
    ["off", "no record"],
  ] as const) {
    it(`has a message according to STRATASCOPE_CRASHES=${value}`, async () => {
      const ended = await runsLine(`logger("a"); throw new Error("S3CRET");`, { env: { STRATASCOPE_CRASHES: value } });
      const [line] = linesOf(ended);
      if (value === "off") expect(line).to.equal(undefined);
      else expect(line!["error.message"]).to.equal(message);
      expect(ended.stdout.includes("S3CRET")).to.equal(value === "on");
    });
  }
});
