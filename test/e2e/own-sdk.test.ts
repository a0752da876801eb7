import { join } from "node:path";
import { expect } from "chai";
import { before, describe, it } from "mocha";
import { App, REGISTER, ROOT, type RunOptions } from "../helpers/app.ts";
import { folderWith } from "../helpers/packages.ts";
import { receiving } from "../helpers/receiver.ts";

/** A copy of the API of another version. */
const OLD_API = join(ROOT, "node_modules/@elastic/mockotlpserver/node_modules/@opentelemetry/api");
const OTEL_2 = ["api@1.9.0", "api-logs@0.208.0", "instrumentation-http@0.208.0", "sdk-logs@0.208.0"].concat([
  "sdk-metrics@2.2.0",
  "sdk-trace-base@2.2.0",
]);

interface Report {
  readonly spans: string[];
  readonly services: string[];
  readonly metrics: string[];
  readonly logs: string[];
  readonly said: string[];
}

const LINE = /^stratascope: the application has an OpenTelemetry SDK of its own, which takes over .*\n$/;

describe("beside an SDK of the application's own", () => {
  const app = new App("sdk");
  const receiver = receiving();

  const run = async (file: string, options: RunOptions): Promise<{ report: Report; stderr: string }> => {
    const { code, stdout, stderr } = await app.run(file, options);
    expect(code, stderr).to.equal(0);
    return { report: JSON.parse(stdout) as Report, stderr };
  };

  function describeBeside(version: string, packages: () => Record<string, string>): void {
    describe(version, () => {
      let env: Record<string, string>;
      before(function () {
        this.timeout(300_000);
        env = packages();
      });

      it("its exporters get the same spans as unobserved, each request once, with storage inside", async () => {
        const { report: bare } = await run("own-sdk.cjs", { args: ["1"], flags: [], env: { ...receiver.env, ...env } });
        expect(bare.spans).to.have.length(4);
        const { report, stderr } = await run("own-sdk.cjs", { args: ["1"], env: { ...receiver.env, ...env } });
        expect(report.spans.filter((span) => !span.startsWith("stratascope:")).map(withoutIds)).to.deep.equal(
          bare.spans.map(withoutIds),
        );
        expect(report.spans.filter((span) => span.startsWith("stratascope:"))).to.deep.equal([
          "stratascope: transaction memory in work",
        ]);
        expect({ ...report, spans: [] }).to.deep.equal({ ...bare, spans: [] });
        expect(stderr).to.match(LINE);
        expect(receiver.spans).to.deep.equal([]);
        expect(receiver.logs).to.deep.equal([]);
        expect(receiver.latest.has("app.count")).to.equal(false);
        expect(receiver.latest.has("db.client.operation.duration")).to.equal(true);
      });

      it("its spans are inside of our requests where it does not trace them itself", async () => {
        const { report } = await run("own-sdk.cjs", { args: ["0"], env: { ...receiver.env, ...env } });
        expect(report.spans).to.have.length(3);
        expect(report.spans.join()).to.contain("app: work in GET").and.to.contain("early: early in GET");
        expect(report.said.join()).to.not.match(/registration|registered|overwr/);
      });

      it("it stays where it was registered before us", async () => {
        const flags = ["--require", "./own-sdk.cjs", "--require", REGISTER];
        const { report, stderr } = await run("nothing.cjs", { args: ["1"], flags, env: { ...receiver.env, ...env } });
        expect(report.spans.filter((span) => /^(app|early):/.test(span))).to.have.length(2);
        expect(report.said.join()).to.not.match(/registration|registered|overwr/);
        // The database was loaded before us as well, of which another line tells.
        expect(stderr.split(/^/m)[0]).to.match(LINE);
      });
    });
  }

  /** A span that has no parent of its own kind has one by an id. */
  const withoutIds = (span: string): string => span.replace(/[\da-f]{16}$/, "ID");

  describeBeside("of this version of OpenTelemetry", () => ({}));
  describeBeside("of version 2 of OpenTelemetry", () => ({
    PACKAGES: folderWith(
      "@opentelemetry/sdk-node",
      "0.208.0",
      OTEL_2.map((name) => `@opentelemetry/${name}`),
    ),
  }));

  for (const [api, path] of Object.entries({ "the same": undefined, "an older": OLD_API })) {
    for (const [part, result] of Object.entries({
      metrics: [true, ["app.count"]],
      traces: [true, ["work"]],
      context: [true, "own"],
      propagation: [true, { "x-own": "1" }],
      twice: [true, false],
    })) {
      it(`what it registers is in force, by ${api} version of the API: ${part}`, async () => {
        const env = { ...receiver.env, ...(path !== undefined && { API: path }) };
        const { report, stderr } = await run("parts.cjs", { args: [part], env });
        expect(report).to.deep.equal({
          result,
          // Of two of its own.
          said:
            part === "twice" ? ["Error: @opentelemetry/api: Attempted duplicate registration of API: propagation"] : [],
        });
        expect(stderr).to.match(LINE);
      });
    }

    it(`what it does not register stays ours, by ${api} version of the API`, async () => {
      const env = { ...receiver.env, ...(path !== undefined && { API: path }) };
      expect(await run("parts.cjs", { args: ["nothing"], env })).to.deep.equal({
        report: { result: [true], said: [] },
        stderr: "",
      });
    });
  }
});
