import {
  ATTR_DB_SYSTEM_NAME,
  ATTR_STORAGE_COLLECTOR_NAME,
  METRIC_STORAGE_COLLECTOR_ERRORS,
} from "../../semconv/index.ts";
import type { ReportingClaim } from "../../src/instrument/collectors.ts";
import { metricRegistry } from "../../src/metrics/registry.ts";
import { nameOf, type Instance } from "../../src/recording/instance.ts";
import { errorType } from "../../src/runtime/error-type.ts";
import { Guard } from "../../src/runtime/guard.ts";
import { warnOnce } from "../../src/runtime/self-log.ts";
import { LogFile } from "./log-file.ts";
import type { LogReader } from "./runs.ts";

const guard = new Guard("engine log");

const errors = metricRegistry.instrument(METRIC_STORAGE_COLLECTOR_ERRORS);

/** Milliseconds between two looks at the logs. */
const POLL_MS = 1_000;

/** Maximum number of pieces of a log that are read at once; more are left for the next time. */
const MAX_READS = 4;

/** Maximum number of pieces at its end. */
const MAX_LAST_READS = 64;

/** Source of the lines of a database that is open. */
export interface LogSource {
  readonly instance: Instance;
  /** Folder of the database, which has the file `LOG`. */
  readonly folder: string;
  /** Name of the engine in the message that its log cannot be read. */
  readonly engine: string;
  /** Claim of this thread to report; undefined if no other thread can have the database open. */
  readonly claim?: ReportingClaim;
  /** True if the database was opened just now, and its log tells of that. */
  readonly isFresh: boolean;
}

/** Follows the log of an open database to its end: every second, before each collection, and when it is closed. */
export class LogTail {
  readonly #source: LogSource;
  readonly #reader: LogReader;
  #file: LogFile | undefined;
  /** False while another thread reports, and reads what there is. */
  #isReporting: boolean;

  constructor(source: LogSource, reader: LogReader) {
    this.#source = source;
    this.#reader = reader;
    this.#isReporting = this.#isOurs();
    this.#open();
    watch(this);
  }

  /** Tells whether the log can be read. */
  get isReadable(): boolean {
    return this.#file !== undefined;
  }

  /** Reads what is new in the log. */
  poll(): void {
    const file = this.#file;
    if (file === undefined) return;
    const wasReporting = this.#isReporting;
    this.#isReporting = this.#isOurs();
    this.#attempt(() => {
      if (!wasReporting || !this.#isReporting) return file.skip();
      this.#read(file, MAX_READS);
    });
  }

  /** Reads the log to its end. */
  close(): void {
    unwatch(this);
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) return;
    try {
      if (this.#isReporting) this.#read(file, MAX_LAST_READS);
      this.#reader.ended();
    } finally {
      file.close();
    }
  }

  #isOurs(): boolean {
    const { claim, instance } = this.#source;
    return claim === undefined || claim.isOurs("log", instance);
  }

  #open(): void {
    const { folder, isFresh } = this.#source;
    this.#attempt(() => {
      this.#file = new LogFile(folder);
      if (!isFresh || !this.#isReporting) this.#file.skip();
    });
  }

  #read(file: LogFile, pieces: number): void {
    for (let i = 0; i < pieces; i++) {
      const { offset } = file;
      for (const line of file.lines()) this.#reader.read(line);
      if (file.offset === offset) return;
    }
  }

  /** Reads the file. If that is refused, the log is given up: what it has is missing, and the failure is counted. */
  #attempt(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!isRefused(error)) throw error;
      this.#giveUp(errorType(error));
    }
  }

  #giveUp(failure: string): void {
    const { instance, engine } = this.#source;
    const file = this.#file;
    this.#file = undefined;
    this.#reader.ended();
    errors
      .bind({
        [ATTR_DB_SYSTEM_NAME]: instance.attributes[ATTR_DB_SYSTEM_NAME],
        [ATTR_STORAGE_COLLECTOR_NAME]: "log",
      })
      .add(1);
    warnOnce(
      `flushes, compactions and stalls of ${engine} are not seen in ${nameOf(instance.attributes)}: its LOG cannot be read (${failure})`,
    );
    file?.close();
  }
}

/** Tells whether an error is one of the operating system, or of the permissions of Node.js. */
const isRefused = (error: unknown): boolean => typeof (error as { code?: unknown } | undefined)?.code === "string";

/** The logs that are read. */
const watched = new Set<LogTail>();
let timer: NodeJS.Timeout | undefined;

function watch(tail: LogTail): void {
  watched.add(tail);
  timer ??= setInterval(guard.whileEnabled(pollAll), POLL_MS).unref();
}

function unwatch(tail: LogTail): void {
  watched.delete(tail);
  if (watched.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

function pollAll(): void {
  for (const each of watched) guard.attempt(() => each.poll());
}

metricRegistry.onCollect(pollAll);
