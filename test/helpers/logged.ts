import { join } from "node:path";
import { App, ROOT, type Ended, type RunOptions } from "./app.ts";

/** A record as it was written. */
export type Line = Readonly<Record<string, unknown>>;

/** The module an application has its loggers from, as it stands in its text. */
export const INDEX: string = JSON.stringify(join(ROOT, "dist/src/index.js"));

const IMPORTS = `
const { addLogFields, logger, logLevels, setLogLevel, withLogFields } = require(${INDEX});
const http = require("node:http");
const { context, propagation, trace } = require("@opentelemetry/api");
const listen = (answer, then) => {
  const server = http.createServer(answer).listen(0, "127.0.0.1", () => then(server.address().port, server));
};
const ask = (port, headers, path = "/") => new Promise((resolve) =>
  http.get({ host: "127.0.0.1", port, headers, path, agent: false }, (response) =>
    response.resume().on("end", () => resolve(response)).on("error", () => resolve(response))).on("error", resolve));
`;

/** What an application wrote to standard output that is JSON. */
export const linesOf = ({ stdout }: Ended): Line[] =>
  stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Line);

/**
 * Runs an application to its end that has loggers, and servers and requests at hand: `listen(answer, then)` and
 * `ask(port, headers, path)`.
 */
export function runs(code: string, { env, ...options }: RunOptions = {}): Promise<Ended> {
  const app = new App({ "package.json": `{ "name": "shop" }`, "app.cjs": IMPORTS + code });
  const quiet = {
    OTEL_TRACES_EXPORTER: "otlp",
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
    OTEL_LOG_LEVEL: "none",
  };
  return app.run("app.cjs", { ...options, env: { ...quiet, STRATASCOPE_LOG_OMIT: "instance", ...env } });
}
