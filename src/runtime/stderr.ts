import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import { escapeControls } from "./control-characters.ts";

const STDERR = 2;

/** Maximum bytes of one line, which a pipe accepts entirely or not at all. */
const MAX_LINE_BYTES = 4_000;
/** Maximum lines buffered while stderr accepts none. The oldest are dropped. */
const MAX_WAITING = 50;
const RETRY_MS = 200;

/**
 * Flags for a pipe or a terminal that we open a second time: what is set on this open file affects no other user of it.
 */
const OWN = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
const OWN_PATH = "/proc/self/fd/2";

interface Identity {
  readonly dev: bigint;
  readonly ino: bigint;
  /** True if a write can block until a reader is ready. */
  readonly canBlock: boolean;
}

/**
 * Identity of stderr at the start. An application that closes stderr can open a file of its own under the same number.
 */
const identity = identify();

function identify(): Identity | undefined {
  try {
    // As bigints: Node.js keeps the numbers of other stats where `realpathSync`, which resolves modules, reads them as
    // those of its own path (before 22.18 and 24.3). After the stats of a pipe, it would leave links unresolved.
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
 * Writes a line to stderr. Never throws and never blocks: a line that cannot be written now is written later, within
 * bounds. Does not use `process.stderr`: it makes the pipe non-blocking for all processes that share it, and its errors
 * are events that would end the application.
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
    // stderr is closed, or its reader is gone.
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

/** Stream of the application that may write to the same file and have buffered data. */
interface Handle {
  readonly fd?: unknown;
  readonly writableLength?: unknown;
}

/** Tells whether the application has written only a part of a line of its own. */
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

/**
 * Opens stderr a second time.
 * @returns undefined if the system does not allow it
 */
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
