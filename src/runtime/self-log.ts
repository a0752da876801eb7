import { writeToStderr } from "./stderr.ts";

/** Least urgent last. `none` writes nothing. */
export const LOG_LEVELS = ["none", "error", "warn", "info", "debug", "verbose"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

let threshold: number = LOG_LEVELS.indexOf("warn");

export function setLogLevel(level: LogLevel): void {
  threshold = LOG_LEVELS.indexOf(level);
}

/** One line on stderr: what stratascope and the OpenTelemetry SDK have to say about themselves. */
function write(level: LogLevel, message: string): void {
  if (LOG_LEVELS.indexOf(level) > threshold) return;
  print(`stratascope: ${message}`);
}

let print = writeToStderr;

/** Has lines printed elsewhere. @returns undoes it */
export function printThrough(printer: (line: string) => void): () => void {
  print = printer;
  return () => {
    print = writeToStderr;
  };
}

export const log = {
  error: (message: string): void => write("error", message),
  warn: (message: string): void => write("warn", message),
  info: (message: string): void => write("info", message),
  debug: (message: string): void => write("debug", message),
};

/** What was said once. */
const said = new Set<string>();
let warn = log.warn;

/** Has what is said once said by somebody else, who is told it by others too. */
export function setWarningSink(somebody: (message: string) => void): void {
  warn = somebody;
}

/** Different messages of one source that are warnings: where there are more, something in them changes each time. */
const MAX_WARNINGS = 100;

/**
 * Warns of a thing once in the life of the process.
 * @param before what its source has warned of already
 */
export function warnOnce(message: string, before: Set<string> = said): void {
  if (before.has(message)) return;
  if (before.size >= MAX_WARNINGS) return log.debug(message);
  before.add(message);
  warn(message);
}
