import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { App, REGISTER, ROOT } from "../helpers/app.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { folderWith } from "../helpers/packages.ts";
import { receiving, type ReceivedLog } from "../helpers/receiver.ts";
import { SCHEMA_URL } from "../../semconv/index.ts";

type Kind = "cjs" | "mjs";

const LIBRARIES = ["bunyan", "pino", "winston"] as const;
type Library = (typeof LIBRARIES)[number];

/** The first version that is supported; the newest is the one this repository depends on. */
const OLDEST: Readonly<Record<Library, string>> = { bunyan: "1.8.15", pino: "8.0.0", winston: "3.2.0" };

const linesOf = (stdout: string): Record<string, unknown>[] =>
  stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe("records of other libraries", () => {
  const app = new App("logs");
  const receiver = receiving();

  async function run(
    library: Library,
    kind: Kind,
    options: { where?: string; node?: string; env?: Record<string, string> },
  ) {
    const env = { ...receiver.env, OTEL_METRICS_EXPORTER: "none", ...options.env };
    const { node = process.execPath, where = ROOT } = options;
    const args = [library, where];
    const [ours, bare] = await Promise.all([
      app.run(`library.${kind}`, { node, args, flags: ["--require", REGISTER], env }),
      app.run(`library.${kind}`, { node, args, flags: [] }),
    ]);
    expect(ours).to.include({ code: 0, stderr: "" });
    return { ours: linesOf(ours.stdout), bare: linesOf(bare.stdout) };
  }

  /** What every library adds, where it adds something; all else is as without us. */
  function expectCorrelated(ours: Record<string, unknown>[], bare: Record<string, unknown>[]): void {
    const variable = ["time", "pid"];
    const rest = (line: Record<string, unknown>, names: string[]): unknown =>
      Object.fromEntries(Object.entries(line).filter(([name]) => !names.includes(name)));
    const added = ["trace_id", "span_id", "trace_flags", "correlation_id"];
    expect(ours).to.have.length(3);
    const own = bare.map((line) => rest(line, variable));
    expect(ours.slice(0, 2).map((line) => rest(line, [...variable, ...added]))).to.deep.equal(own.slice(0, 2));
    expect(rest(ours[2]!, [...variable, "correlation_id"])).to.deep.equal(own[2]);
    expect(Object.keys(ours[0]!).filter((name) => added.includes(name))).to.deep.equal([]);
    const { traceId, spanId } = receiver.spans.find(({ kind }) => kind === "SPAN_KIND_SERVER")!;
    const ids = { trace_id: traceId, span_id: spanId, trace_flags: "01", correlation_id: "order-4711" };
    expect(ours[1]).to.include(ids);
    expect(ours[2]).to.include({ trace_id: "of the application", correlation_id: "order-4711" });
  }

  for (const library of LIBRARIES) {
    for (const version of SUPPORTED) {
      for (const kind of ["cjs", "mjs"] as const) {
        it(`carry the ids of their context, with ${library} in an application in ${kind} on Node.js ${version}`, async () => {
          const { ours, bare } = await run(library, kind, { node: nodeOf(version) });
          expectCorrelated(ours, bare);
          expect(receiver.logs).to.deep.equal([]);
        });
      }
    }

    it(`carry them with ${library} ${OLDEST[library]} as well`, async () => {
      const where = folderWith(library, OLDEST[library]);
      const { ours, bare } = await run(library, "cjs", { where });
      expectCorrelated(ours, bare);
    });

    it(`are sent over OTLP too if that is enabled, with ${library}`, async () => {
      const { ours, bare } = await run(library, "cjs", { env: { STRATASCOPE_LOG_LIBRARIES: "otlp" } });
      expectCorrelated(ours, bare);
      const scope = library === "winston" ? "winston" : "shop";
      const shown = ({ body, severityText, attributes, traceId = "", scope }: ReceivedLog): unknown => ({
        body,
        severityText,
        attributes,
        traceId,
        scope,
      });
      const spanId = ours[1]!["span_id"];
      expect(receiver.logs.map(({ spanId }) => spanId ?? "")).to.deep.equal(["", spanId, spanId]);
      const correlation = { "request.correlation_id": "order-4711" };
      const own = library === "winston" ? { correlation_id: "order-4711" } : {};
      const shownLogs = receiver.logs.map(shown);
      expect(shownLogs.slice(0, 2)).to.deep.equal([
        { body: "begins", severityText: "INFO", attributes: { at: "start" }, traceId: "", scope },
        {
          body: "in a request",
          severityText: "WARN",
          attributes: { at: "request", password: "hidden", ...correlation, ...own },
          traceId: ours[1]!["trace_id"],
          scope,
        },
      ]);
      expect(shownLogs[2]).to.deep.include({ body: "other trace", severityText: "ERROR", scope });
      for (const { schemaUrl } of receiver.logs) expect(schemaUrl).to.equal(SCHEMA_URL);
    });

    it(`are not changed if that is disabled, with ${library}`, async () => {
      const { ours, bare } = await run(library, "cjs", { env: { STRATASCOPE_LOG_LIBRARIES: "off" } });
      const withoutTime = ({ time: _time, pid: _pid, ...line }: Record<string, unknown>): unknown => line;
      expect(ours.map(withoutTime)).to.deep.equal(bare.map(withoutTime));
    });
  }

  it("are tested with a newer version than the oldest one", () => {
    for (const library of LIBRARIES) {
      const manifest = readFileSync(join(ROOT, "node_modules", library, "package.json"), "utf8");
      const { version } = JSON.parse(manifest) as { version: string };
      expect(version).not.to.equal(OLDEST[library]);
    }
  });

  it("go on after a line of pino that is no JSON, which is sent as it is, and have any names", async () => {
    const env = { ...receiver.env, OTEL_METRICS_EXPORTER: "none", STRATASCOPE_LOG_LIBRARIES: "otlp" };
    const [ours, bare] = await Promise.all([
      app.run("pino-odd-lines.cjs", { env }),
      app.run("pino-odd-lines.cjs", { flags: [] }),
    ]);
    const withoutIds = (text: string): string =>
      text.replaceAll(/,"(?:trace_id|span_id|trace_flags)":"[0-9a-f]+"/g, "");
    expect(ours).to.include({ code: 0, stderr: "" });
    expect(withoutIds(ours.stdout)).to.equal(bare.stdout);
    const [odd, names, ...after] = receiver.logs;
    expect(odd!.body).to.equal(bare.stdout.split("\n", 1)[0]);
    expect(names!.attributes).to.have.property("constructor", 2);
    expect(after.map(({ attributes }) => attributes["i"])).to.deep.equal(Array.from({ length: 100 }, (_, i) => i));
  });

  it("leave an error that is logged with winston as it was", async () => {
    const [ours, bare] = await Promise.all([
      app.run("winston-error.cjs", { env: receiver.env }),
      app.run("winston-error.cjs", { flags: [] }),
    ]);
    expect(ours).to.include({ code: 0, stderr: "" });
    const [first, second] = linesOf(ours.stdout);
    const [bareFirst, bareSecond] = linesOf(bare.stdout);
    expect([first, second]).to.containSubset([bareFirst, bareSecond]);
    expect(first!["trace_id"])
      .to.match(/^[0-9a-f]{32}$/)
      .and.not.equal(second!["trace_id"]);
    expect(ours.stdout.split("\n").at(-2)).to.equal(bare.stdout.split("\n").at(-2));
  });
});
