import { App, type Ended, type RunOptions } from "./app.ts";

/** Record as it was written. */
export type Line = Readonly<Record<string, unknown>>;

/** Returns the lines of JSON that an application wrote to standard output. */
export const linesOf = ({ stdout }: Ended): Line[] =>
  stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Line);

const QUIET = {
  OTEL_TRACES_EXPORTER: "otlp",
  OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
  OTEL_LOG_LEVEL: "none",
  STRATASCOPE_LOG_OMIT: "instance",
};

/** Runs a program of `test/apps/logs` to its end. */
export const runs = (file: string, { env, ...options }: RunOptions = {}): Promise<Ended> =>
  new App("logs").run(file, { ...options, env: { ...QUIET, ...env } });

/** Runs a line of code that can use `logger`. */
export function runsLine(code: string, { env, ...options }: RunOptions = {}): Promise<Ended> {
  const app = new App("logs");
  app.write("line.cjs", `const { logger } = require("stratascope"); ${code}`);
  return app.run("line.cjs", { ...options, env: { ...QUIET, ...env } });
}
