import { diag, DiagLogLevel, type DiagAPI, type DiagLogger } from "@opentelemetry/api";
import { setGlobalErrorHandler } from "@opentelemetry/core";
import { oneLine } from "../config/index.ts";
import { log, warnOnce, type SelfLogLevel } from "../runtime/self-log.ts";

const LEVELS: Readonly<Record<SelfLogLevel, DiagLogLevel>> = {
  none: DiagLogLevel.NONE,
  error: DiagLogLevel.ERROR,
  warn: DiagLogLevel.WARN,
  info: DiagLogLevel.INFO,
  debug: DiagLogLevel.DEBUG,
  verbose: DiagLogLevel.VERBOSE,
};

/** Maximum number of characters of a message: some repeat values passed by the application. */
const MAX_CHARACTERS = 300;

type Say = (message: string) => void;

const said =
  (say: Say) =>
  (message: string, ...details: unknown[]): void => {
    const texts = [message, ...details].map((part) => (part instanceof Error ? part.message : String(part)));
    say(oneLine(texts.join(" ").slice(0, MAX_CHARACTERS).replaceAll("\n", " ")));
  };

/**
 * Warnings of the SDK that were logged, in a set of their own: some contain values of the application, and would use up
 * the limit of our own warnings.
 */
const warned = new Set<string>();

// A persistent failure is reported at each collection.
const warnOfSdk: Say = (message) => warnOnce(message, warned);

const LOGGER: DiagLogger = {
  error: said(warnOfSdk),
  warn: said(warnOfSdk),
  info: said(log.info),
  debug: said(log.debug),
  verbose: said(log.debug),
};

/**
 * Redirects the messages of our OpenTelemetry SDK to our log, one line each. The API's own diagnostics are for the
 * application, and the API warns about a second registration.
 */
export function routeDiagnostics(): void {
  Object.assign(diag, LOGGER);
  // A failed export of ours was reported already.
  setGlobalErrorHandler((error) => log.debug(String(error)));
}

/** Redirects those of the packages that the application may share, from which sdk-node is loaded. */
export function registerDiagnostics(shared: DiagAPI, level: SelfLogLevel): void {
  shared.setLogger(LOGGER, { logLevel: LEVELS[level], suppressOverrideMessage: true });
}
