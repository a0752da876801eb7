import type { LogFields } from "../context/log-fields.ts";
import { failureOf } from "../runtime/failure.ts";
import { Guard } from "../runtime/guard.ts";
import { warnOnce } from "../runtime/self-log.ts";
import { numberOf, SEVERITY, type LogLevel, type LogThreshold } from "../config/log-level.ts";

// oxlint-disable-next-line max-params -- an object for each call would have to be collected
type Write = (logger: Logger, level: LogLevel, message: string, details: LogFields | Error | undefined) => void;

const guard = new Guard("logs");
let writeRecord: Write = () => {};

/** Sets the function that writes records, which itself depends on loggers. */
export function writeBy(writer: Write): void {
  writeRecord = writer;
}

/** Writes a record. A failure affects one record only, so nothing is disabled. */
// oxlint-disable-next-line max-params -- an object for each call would have to be collected
function write(logger: Logger, level: LogLevel, message: string, details: LogFields | Error | undefined): void {
  try {
    writeRecord(logger, level, message, details);
  } catch (error) {
    guard.count(1);
    warnOnce(`[logs] a record could not be written: ${failureOf(error).text()}`);
  }
}

/** Logger of one subsystem. */
export class Logger {
  readonly subsystem: string;
  /** Minimum severity number of records that are written; it can change at run time. */
  #threshold: number;
  /** Number of records that sampling dropped since the last one. */
  dropped = 0;

  constructor(subsystem: string, threshold: LogThreshold) {
    this.subsystem = subsystem;
    this.#threshold = numberOf(threshold);
    guard.count(0);
  }

  setThreshold(threshold: LogThreshold): void {
    this.#threshold = numberOf(threshold);
  }

  /** Tells whether records of a level are written, to avoid expensive computations. */
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
