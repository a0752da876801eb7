import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import { escapeControls } from "./control-characters.ts";

const STDERR = 2;

/** Bytes of one line: what a pipe takes whole or not at all. */
const MAX_LINE_BYTES = 4_000;
/** Lines kept while stderr takes none; the oldest make way. */
const MAX_WAITING = 50;
const RETRY_MS = 200;

/** A pipe or a terminal, opened for ourselves: what we set for it holds for nothing else. */
const OWN = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
const OWN_PATH = "/proc/self/fd/2";

interface Identity {
  readonly dev: bigint;
  readonly ino: bigint;
  /** Whether a write can wait for a reader. */
  readonly canBlock: boolean;
}

/** What stderr was at the start: an application that closes it can open a file of its own under the same number. */
const identity = identify();

function identify(): Identity | undefined {
  try {
    // In bigints: the other figures are kept where `realpathSync`, which finds modules, takes them for those of its own
    // path on Node.js before 22.18 and 24.3, and leaves links unresolved after those of a pipe.
    const stats = fstatSync(STDERR, { bigint: true });
    return { dev: stats.dev, ino: stats.ino, canBlock: stats.isFIFO() || stats.isCharacterDevice() };
  } catch {
    return undefined;
  }
}

let waiting: string[] = [];
let lost = 0;
let isRetrying = false;

/**
 * Writes a line to stderr. Never throws, and waits for no reader: what cannot be written now is written later, within
 * bounds. Not by `process.stderr`, which makes the pipe non-blocking for all who share it, and whose errors are events
 * the application would die of.
 */
export function writeToStderr(line: string): void {
  waiting.push(line);
  if (waiting.length > MAX_WAITING) {
    waiting.shift();
    lost++;
  }
  drain();
}

function drain(): void {
  try {
    if (isHeldBack()) return retry();
    if (lost > 0) {
      write(`stratascope: ${lost} lines could not be written to stderr`);
      lost = 0;
    }
    for (let line = waiting[0]; line !== undefined; line = waiting[0]) {
      write(line);
      waiting.shift();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return retry();
    // Closed, or its reader is gone.
    waiting = [];
    lost = 0;
  }
}

function retry(): void {
  if (isRetrying) return;
  isRetrying = true;
  setTimeout(() => {
    isRetrying = false;
    drain();
  }, RETRY_MS).unref();
}

/** Streams of the application that write to the same place and have not come to an end of it. */
interface Handle {
  readonly fd?: unknown;
  readonly writableLength?: unknown;
}

/** Whether the application is in the middle of a line of its own. */
function isHeldBack(): boolean {
  const { _getActiveHandles: handles } = process as { _getActiveHandles?: () => readonly Handle[] };
  if (identity?.canBlock === false || handles === undefined) return false;
  return Reflect.apply(handles, process, []).some(
    ({ fd, writableLength }) => (fd === 1 || fd === STDERR) && Number(writableLength) > 0,
  );
}

function write(line: string): void {
  const bytes = lineOf(line);
  const current = identify();
  if (current?.dev !== identity?.dev || current?.ino !== identity?.ino) throw new Error("it is another file");
  const own = current?.canBlock === true ? openOwn() : undefined;
  try {
    writeSync(own ?? STDERR, bytes);
  } finally {
    if (own !== undefined) closeSync(own);
  }
}

/** @returns nothing where the system does not let us */
function openOwn(): number | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    return openSync(OWN_PATH, OWN);
  } catch (error) {
    // The reader is gone.
    if ((error as NodeJS.ErrnoException).code === "ENXIO") throw error;
    return undefined;
  }
}

function lineOf(text: string): Buffer {
  const plain = escapeControls(text.slice(0, MAX_LINE_BYTES).toWellFormed());
  const bytes = Buffer.from(plain);
  if (bytes.length < MAX_LINE_BYTES && text.length <= MAX_LINE_BYTES) return Buffer.concat([bytes, Buffer.from("\n")]);
  return Buffer.concat([bytes.subarray(0, MAX_LINE_BYTES - 4), Buffer.from("…\n")]);
}
