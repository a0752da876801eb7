import { cpSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { App, ROOT, type Ended } from "../helpers/app.ts";
import { receiving } from "../helpers/receiver.ts";
import { temporaryFolder } from "../helpers/temp.ts";

const HELLO = `console.log("hello"); process.exitCode = 3;`;

/** An application that makes a span, for problems of which the remedy is where spans go. */
const SPAN = `require("@opentelemetry/api").trace.getTracer("app").startSpan("work").end(); ${HELLO}`;

interface Problem {
  readonly what: string;
  readonly env: Readonly<Record<string, string>>;
  /** What the line has to name: the variable, the value, what is used instead. */
  readonly names: readonly string[];
}

const PROBLEMS: readonly Problem[] = [
  { what: "an unknown exporter", env: { OTEL_METRICS_EXPORTER: "statsd,none" }, names: ['"statsd"', "using none"] },
  { what: "an unknown sampler", env: { OTEL_TRACES_SAMPLER: "xray" }, names: ['"xray"', "using the default"] },
  { what: "an unknown log level", env: { OTEL_LOG_LEVEL: "loud" }, names: ['"loud"', "using warn"] },
  { what: "an unknown protocol", env: { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, names: ['"grpc"', "http/protobuf"] },
  {
    what: "an unknown propagator",
    env: { OTEL_PROPAGATORS: "ottrace" },
    names: ['"ottrace"', "using tracecontext,baggage"],
  },
  { what: "a ratio above 1", env: { OTEL_TRACES_SAMPLER_ARG: "1.1" }, names: ['"1.1"', "using 1"] },
  { what: "a ratio that is no number", env: { OTEL_TRACES_SAMPLER_ARG: "10%" }, names: ['"10%"', "using 1"] },
  { what: "a port that is no number", env: { OTEL_EXPORTER_PROMETHEUS_PORT: "http" }, names: ['"http"', "9464"] },
  { what: "a port out of range", env: { OTEL_EXPORTER_PROMETHEUS_PORT: "65536" }, names: ['"65536"', "9464"] },
  { what: "a switch that is neither on nor off", env: { OTEL_SDK_DISABLED: "yes" }, names: ['"yes"', "using false"] },
  { what: "resource attributes without values", env: { OTEL_RESOURCE_ATTRIBUTES: "a=1,team" }, names: ['"team"', "a"] },
  { what: "resource attributes badly encoded", env: { OTEL_RESOURCE_ATTRIBUTES: "a=%zz" }, names: ['"a=%zz"'] },
  {
    what: "a configuration file that is missing",
    env: { OTEL_CONFIG_FILE: "no.yaml" },
    names: ['"no.yaml"', "ENOENT"],
  },
  {
    what: "a configuration file that cannot be read",
    env: { OTEL_CONFIG_FILE: "." },
    names: ['"."', "it is not a file"],
  },
  { what: "a configuration file that says nothing", env: { OTEL_CONFIG_FILE: "empty.yaml" }, names: ['"empty.yaml"'] },
  {
    what: "a configuration file of a kind unknown",
    env: { OTEL_CONFIG_FILE: "odd.yaml" },
    names: ["zipkin", "odd.yaml"],
  },
  { what: "a configuration file with an open quote", env: { OTEL_CONFIG_FILE: "quote.yaml" }, names: ['"quote.yaml"'] },
  { what: "a configuration file with a key twice", env: { OTEL_CONFIG_FILE: "twice.yaml" }, names: ['"twice.yaml"'] },
];

const FILES = {
  "hello.cjs": HELLO,
  "serves.cjs": `const server = require("node:http").createServer().listen(0, "127.0.0.1");
    setTimeout(() => { server.close(); console.log("hello"); process.exitCode = 3; }, 2000);`,
  "span.cjs": SPAN,
  "empty.yaml": "",
  "odd.yaml": `file_format: "1.0"\ntracer_provider:\n  processors:\n    - simple: { exporter: { zipkin: {} } }\n`,
  // Its parser makes something of each of these, but not what was meant.
  "quote.yaml": `file_format: "1.0"\nresource:\n  attributes:\n    - name: service.name\n      value: "shop\n`,
  "twice.yaml": `file_format: "1.0"\nresource: {}\nresource: {}\n`,
};

const lines = ({ stderr }: Ended): string[] => stderr.split("\n").filter((line) => line !== "");

/** Checks that the outcome of the application is its own, and gives the one line there is beside it. */
function onlyLine(ended: Ended): string {
  expect(ended).to.include({ code: 3, signal: null, stdout: "hello\n" });
  expect(lines(ended)).to.have.length(1);
  const [line] = lines(ended);
  expect(line).to.match(/^stratascope: /);
  return line!;
}

describe("bad input", () => {
  const app = new App(FILES);
  const receiver = receiving();

  for (const { what, env, names } of PROBLEMS) {
    it(`causes one log line and no other effect: ${what}`, async () => {
      const line = onlyLine(await app.run("hello.cjs", { env }));
      for (const name of [Object.keys(env)[0]!, ...names]) expect(line).to.contain(name);
    });
  }

  it("causes one log line, and spans go to the exporter it names: an unknown exporter of traces", async () => {
    const line = onlyLine(
      await app.run("span.cjs", {
        env: { ...receiver.env, OTEL_METRICS_EXPORTER: "none", OTEL_TRACES_EXPORTER: "zipkin" },
      }),
    );
    expect(line).to.contain('OTEL_TRACES_EXPORTER="zipkin"').and.to.contain("using otlp");
    expect(receiver.spans.map(({ name }) => name)).to.deep.equal(["work"]);
  });

  it("causes one log line, and all traces are recorded: an environment without a preset", async () => {
    const env = {
      ...receiver.env,
      OTEL_METRICS_EXPORTER: "none",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=qa",
    };
    const line = onlyLine(await app.run("span.cjs", { env }));
    expect(line).to.contain('deployment.environment.name="qa"').and.to.contain("all traces");
    expect(receiver.spans.map(({ name }) => name)).to.deep.equal(["work"]);
  });

  describe("of the exporters", () => {
    // Nothing is collected here, so nothing is sent anywhere and no export can fail.
    const nothingToSend = { OTEL_TRACES_EXPORTER: "otlp", OTEL_LOGS_EXPORTER: "otlp" };

    for (const endpoint of ["nourl", "localhost:4318", "ftp://127.0.0.1"]) {
      it(`causes one log line that names the variable: an endpoint "${endpoint}"`, async () => {
        const env = { ...nothingToSend, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
        const line = onlyLine(await app.run("hello.cjs", { env }));
        expect(line).to.contain(`OTEL_EXPORTER_OTLP_ENDPOINT="${endpoint}"`);
      });
    }

    it("causes one log line without the secret: invalid headers", async () => {
      const env = { ...nothingToSend, OTEL_EXPORTER_OTLP_HEADERS: "authorization: Bearer SECRET" };
      const line = onlyLine(await app.run("hello.cjs", { env }));
      expect(line).to.contain("OTEL_EXPORTER_OTLP_HEADERS").and.not.to.contain("SECRET");
    });

    it("causes one log line for all signals: a timeout that is not a number", async () => {
      const env = { ...nothingToSend, OTEL_EXPORTER_OTLP_TIMEOUT: "soon" };
      const line = onlyLine(await app.run("hello.cjs", { env }));
      expect(line).to.contain("OTEL_EXPORTER_OTLP_TIMEOUT").and.to.contain("soon");
    });
  });

  describe("of the endpoint for scrapes", () => {
    it("causes one log line that names the variable: an address of another machine", async () => {
      const env = {
        OTEL_METRICS_EXPORTER: "prometheus",
        // TEST-NET-3, which no machine has.
        OTEL_EXPORTER_PROMETHEUS_HOST: "203.0.113.7",
        OTEL_EXPORTER_PROMETHEUS_PORT: "0",
      };
      const line = onlyLine(await app.run("serves.cjs", { env }));
      expect(line).to.contain("OTEL_EXPORTER_PROMETHEUS_HOST").and.to.contain("203.0.113.7");
    });

    it("causes one log line, and the application continues: a port in use", async () => {
      const taken = createServer().listen(0, "127.0.0.1");
      await new Promise((resolve) => taken.once("listening", resolve));
      const port = String((taken.address() as AddressInfo).port);
      try {
        const env = { OTEL_METRICS_EXPORTER: "prometheus", OTEL_EXPORTER_PROMETHEUS_PORT: port };
        const line = onlyLine(await app.run("serves.cjs", { env }));
        expect(line).to.contain("OTEL_EXPORTER_PROMETHEUS_PORT").and.to.contain(`port ${port} is in use`);
        // One that ends at once has no use for it.
        expect(await app.run("hello.cjs", { env })).to.include({ code: 3, stdout: "hello\n", stderr: "" });
      } finally {
        taken.close();
      }
    });
  });

  it("causes one log line: a package that was not built", async () => {
    const folder = temporaryFolder();
    cpSync(join(ROOT, "register"), join(folder, "register"), { recursive: true });
    const line = onlyLine(await app.run("hello.cjs", { flags: ["--require", join(folder, "register")] }));
    expect(line).to.contain("dist/src/core.cjs");
  });
});

describe("an application that cannot start", () => {
  const app = new App({
    "throws.cjs": `throw new Error("first line");`,
    "throws.mjs": `throw new Error("first line");`,
    "syntax.cjs": `const a = ;`,
    "syntax.mjs": `const a = ;`,
    "import.mjs": `import "./missing.mjs";`,
    "rejects.mjs": `await Promise.reject(new Error("first line"));`,
    "never.mjs": `await new Promise(() => {});`,
  });

  for (const file of ["throws.cjs", "throws.mjs", "syntax.cjs", "syntax.mjs", "import.mjs", "rejects.mjs", "no.cjs"]) {
    it(`fails as it does unobserved: ${file}`, async () => {
      expect(await app.run(file)).to.deep.equal(await app.run(file, { flags: [] }));
    });
  }

  it("has the same exit code as unobserved: an await that never settles", async () => {
    expect(await app.run("never.mjs")).to.deep.equal(await app.run("never.mjs", { flags: [] }));
  });
});
