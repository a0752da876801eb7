import { once } from "node:events";
import { connect } from "node:net";
import { expect } from "chai";
import { describe, it } from "mocha";
import { App, REGISTER } from "../helpers/app.ts";
import { eventually } from "../helpers/eventually.ts";
import { RawCollector, type RawAnswer } from "../helpers/raw-collector.ts";

const QUIET = "--disable-warning=ExperimentalWarning";

/** Nothing listens there. */
const SENDING = { OTEL_METRICS_EXPORTER: "otlp", OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" };

const SCRAPE = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";

/** What a Collector does to connections. */
const BREAKS: readonly RawAnswer[] = [
  (socket) => socket.resetAndDestroy(),
  (socket) => socket.destroy(),
  (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", () => socket.resetAndDestroy()),
  (socket) => socket.end("no HTTP\r\n\r\n"),
  (socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnone"),
  (socket) => socket.end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nhalf"),
  // Nothing: it takes too long.
  () => {},
];

/** Asks for a page, or begins to, and is gone. */
async function breakOff(port: number, text: string): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  socket.write(text, () => socket.resetAndDestroy());
  await once(socket, "close");
}

describe("an application that replaces built-ins", () => {
  const app = new App("hostile");

  it("sees no call by stratascope of the built-ins that it has replaced", async () => {
    const env = { ...SENDING, OTEL_METRIC_EXPORT_INTERVAL: "50", OTEL_METRIC_EXPORT_TIMEOUT: "50" };
    const [bare, observed] = await Promise.all([
      app.run("replaced.cjs", { flags: [QUIET] }),
      app.run("replaced.cjs", { flags: [QUIET, "--require", REGISTER], env }),
    ]);
    expect(observed.stdout).to.equal(bare.stdout);
    expect(observed.signal).to.equal("SIGTERM");
  });

  it("loads modules with a getter in Object.prototype", async () => {
    expect(await app.run("polluted.cjs")).to.deep.include({ code: 0, stdout: "true\n", stderr: "" });
  });

  it("formats no stack of an error of stratascope, whatever becomes of its connections", async () => {
    const collector = new RawCollector((socket) => BREAKS[(collector.connections - 1) % BREAKS.length]!(socket, ""));
    const env = {
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_METRICS_EXPORTER: "otlp,prometheus",
      OTEL_METRIC_EXPORT_INTERVAL: "50",
      OTEL_METRIC_EXPORT_TIMEOUT: "50",
      OTEL_EXPORTER_OTLP_ENDPOINT: await collector.start(),
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://127.0.0.1:1",
      OTEL_EXPORTER_PROMETHEUS_PORT: "0",
      OTEL_LOG_LEVEL: "info",
    };
    const running = app.start("formatter.cjs", { flags: [QUIET, "--require", REGISTER], env });
    const [, port] = await running.says(/metrics on http:\/\/127\.0\.0\.1:(\d+)/);
    for (let round = 0; round < 20; round++) await breakOff(Number(port), round % 2 === 0 ? "GET /met" : SCRAPE);
    await eventually(() => collector.connections > BREAKS.length);
    running.process.stdin!.end();
    const { code, stdout, stderr } = await running.ended;
    await collector.close();
    expect({ code, stdout }, stderr).to.deep.equal({ code: 0, stdout: "works\nended by itself\n" });
    expect(stderr).not.to.contain("asked for the stack");
  });

  it("ends if no spool folder can be created", async function () {
    if (process.platform !== "linux") this.skip();
    const { code, stderr } = await new App("exit").run("codes.mjs", {
      env: { ...SENDING, STRATASCOPE_SPOOL_FOLDER: "/proc/stratascope/spool", STRATASCOPE_ADMIN_FOLDER: "/proc/of" },
    });
    expect(code, stderr).to.be.a("number");
  });
});
