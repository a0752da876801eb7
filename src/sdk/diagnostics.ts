import { DiagLogLevel, type DiagAPI } from "@opentelemetry/api";
import { setGlobalErrorHandler } from "@opentelemetry/core";
import { log, warnOnce, type LogLevel } from "../log.ts";

const LEVELS: Readonly<Record<LogLevel, DiagLogLevel>> = {
  none: DiagLogLevel.NONE,
  error: DiagLogLevel.ERROR,
  warn: DiagLogLevel.WARN,
  info: DiagLogLevel.INFO,
  debug: DiagLogLevel.DEBUG,
  verbose: DiagLogLevel.VERBOSE,
};

type Say = (message: string) => void;

const said =
  (say: Say) =>
  (message: string, ...details: unknown[]): void => {
    const texts = [message, ...details].map((part) => (part instanceof Error ? part.message : String(part)));
    say(texts.join(" ").replaceAll("\n", " "));
  };

/** What the OpenTelemetry SDK has to say goes through our log: one line each, and not louder than asked for. */
export function routeDiagnostics(diag: DiagAPI, level: LogLevel): void {
  const logger = {
    // Something that fails, fails at each collection.
    error: said(warnOnce),
    warn: said(warnOnce),
    info: said(log.info),
    debug: said(log.debug),
    verbose: said(log.debug),
  };
  diag.setLogger(logger, { logLevel: LEVELS[level], suppressOverrideMessage: true });
  // An export of ours that failed has been reported where it failed.
  setGlobalErrorHandler((error) => log.debug(String(error)));
}
