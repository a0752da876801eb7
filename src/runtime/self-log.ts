import { writeToStderr } from "./stderr.ts";

/** Levels, the least urgent last. `none` writes nothing. */
export const SELF_LOG_LEVELS = ["none", "error", "warn", "info", "debug", "verbose"] as const;
export type SelfLogLevel = (typeof SELF_LOG_LEVELS)[number];

let threshold: number = SELF_LOG_LEVELS.indexOf("warn");

export function setSelfLogLevel(level: SelfLogLevel): void {
  threshold = SELF_LOG_LEVELS.indexOf(level);
}

/** Writes one line to stderr: the log of stratascope and of the OpenTelemetry SDK about themselves. */
function write(level: SelfLogLevel, message: string): void {
  if (SELF_LOG_LEVELS.indexOf(level) > threshold) return;
  print(`stratascope: ${message}`);
}

let print = writeToStderr;

/**
 * Redirects the lines to another printer.
 * @returns a function that restores stderr
 */
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

/** Messages that `warnOnce` has logged. */
const said = new Set<string>();
let warn = log.warn;

/** Redirects the warnings of `warnOnce` to a function that receives those of other threads as well. */
export function setWarningSink(sink: (message: string) => void): void {
  warn = sink;
}

/**
 * Distinct messages of one source that are logged as warnings. Beyond this number, part of the message varies each
 * time.
 */
const MAX_WARNINGS = 100;

/**
 * Logs a warning once in the lifetime of the process.
 * @param before messages that its source has logged already
 */
export function warnOnce(message: string, before: Set<string> = said): void {
  if (before.has(message)) return;
  if (before.size >= MAX_WARNINGS) return log.debug(message);
  before.add(message);
  warn(message);
}
