import { diag, DiagLogLevel, type DiagAPI, type DiagLogger } from "@opentelemetry/api";
import { setGlobalErrorHandler } from "@opentelemetry/core";
import { oneLine } from "../config/index.ts";
import { log, warnOnce, type LogLevel } from "../runtime/self-log.ts";

const LEVELS: Readonly<Record<LogLevel, DiagLogLevel>> = {
  none: DiagLogLevel.NONE,
  error: DiagLogLevel.ERROR,
  warn: DiagLogLevel.WARN,
  info: DiagLogLevel.INFO,
  debug: DiagLogLevel.DEBUG,
  verbose: DiagLogLevel.VERBOSE,
};

/** Characters of a message: some repeat what the application gave. */
const MAX_CHARACTERS = 300;

type Say = (message: string) => void;

const said =
  (say: Say) =>
  (message: string, ...details: unknown[]): void => {
    const texts = [message, ...details].map((part) => (part instanceof Error ? part.message : String(part)));
    say(oneLine(texts.join(" ").slice(0, MAX_CHARACTERS).replaceAll("\n", " ")));
  };

/** What the SDK has warned of: some of that has values of the application's in it, and leaves no room for other warnings. */
const warned = new Set<string>();

// Something that fails, fails at each collection.
const warnOfSdk: Say = (message) => warnOnce(message, warned);

const LOGGER: DiagLogger = {
  error: said(warnOfSdk),
  warn: said(warnOfSdk),
  info: said(log.info),
  debug: said(log.debug),
  verbose: said(log.debug),
};

/**
 * Has what the OpenTelemetry SDK says go through our log, one line each. That of ours alone: what is registered with the
 * API is for the application, and the API warns about a second one.
 */
export function routeDiagnostics(): void {
  Object.assign(diag, LOGGER);
  // An export of ours that failed has been reported where it failed.
  setGlobalErrorHandler((error) => log.debug(String(error)));
}

/** Does the same for the packages that the application may have as well, from which sdk-node is. */
export function registerDiagnostics(shared: DiagAPI, level: LogLevel): void {
  shared.setLogger(LOGGER, { logLevel: LEVELS[level], suppressOverrideMessage: true });
}
