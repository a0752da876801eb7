import type { LogFields } from "../context/log-fields.ts";
import { failureOf } from "../runtime/failure.ts";
import { Guard } from "../runtime/guard.ts";
import { warnOnce } from "../runtime/self-log.ts";
import { numberOf, SEVERITY, type LogLevel, type LogThreshold } from "../config/log-level.ts";

// oxlint-disable-next-line max-params -- an object for each call would have to be collected
type Write = (logger: Logger, level: LogLevel, message: string, details: LogFields | Error | undefined) => void;

const guard = new Guard("logs");
let writeRecord: Write = () => {};

/** Has records written by what needs to know of loggers itself. */
export function writeBy(writer: Write): void {
  writeRecord = writer;
}

/** A record that fails must not be the end of all others, so nothing is switched off. */
// oxlint-disable-next-line max-params -- an object for each call would have to be collected
function write(logger: Logger, level: LogLevel, message: string, details: LogFields | Error | undefined): void {
  try {
    writeRecord(logger, level, message, details);
  } catch (error) {
    guard.count(1);
    warnOnce(`[logs] a record could not be written: ${failureOf(error).text()}`);
  }
}

/** Writes the records of one subsystem. */
export class Logger {
  readonly subsystem: string;
  /** The severity number from which records are written; changed while the application runs. */
  #threshold: number;
  /** Records that sampling left out since the last one. */
  dropped = 0;

  constructor(subsystem: string, threshold: LogThreshold) {
    this.subsystem = subsystem;
    this.#threshold = numberOf(threshold);
    guard.count(0);
  }

  setThreshold(threshold: LogThreshold): void {
    this.#threshold = numberOf(threshold);
  }

  /** Whether records of a level are written, for what is dear to find out. */
  isEnabled(level: LogLevel): boolean {
    return SEVERITY[level] >= this.#threshold;
  }

  trace(message: string, details?: LogFields | Error): void {
    if (SEVERITY.trace >= this.#threshold) write(this, "trace", message, details);
  }

  debug(message: string, details?: LogFields | Error): void {
    if (SEVERITY.debug >= this.#threshold) write(this, "debug", message, details);
  }

  info(message: string, details?: LogFields | Error): void {
    if (SEVERITY.info >= this.#threshold) write(this, "info", message, details);
  }

  warn(message: string, details?: LogFields | Error): void {
    if (SEVERITY.warn >= this.#threshold) write(this, "warn", message, details);
  }

  error(message: string, details?: LogFields | Error): void {
    if (SEVERITY.error >= this.#threshold) write(this, "error", message, details);
  }

  fatal(message: string, details?: LogFields | Error): void {
    if (SEVERITY.fatal >= this.#threshold) write(this, "fatal", message, details);
  }
}
