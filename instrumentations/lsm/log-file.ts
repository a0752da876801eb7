import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";

/** Line that an engine wrote to its log. */
export interface LogLine {
  /** Unix time in nanoseconds. */
  readonly time: bigint;
  readonly thread: string;
  readonly text: string;
}

/** Line of both engines that says what is lost of a write-ahead log: `000003.log: dropping 1042 bytes; Corruption: …`. */
export const DROPPING = /\.log: dropping \d+ bytes; /;

/** Maximum number of bytes that are read at once; more are left for the next time. */
const MAX_BYTES = 65_536;

/** What is read, until its lines are taken. */
let buffer: Buffer | undefined;

/** Maximum length of a line that is read: LevelDB writes none that is longer. */
const MAX_LINE = 30_000;

/** Time zones differ by multiples of this. */
const QUARTER_MS = 900_000;

/** No time zone is further ahead of UTC, or behind it. */
const MAX_AHEAD_MS = 64 * QUARTER_MS;

/** Milliseconds by which a line may be from before the log was opened, or ahead of the clock. */
const TOLERANCE_MS = 3_600_000;

/** `2026/11/28-01:35:23.123456 7f1c`; Windows has milliseconds. */
const HEAD = /^(\d{4})\/(\d\d)\/(\d\d)-(\d\d):(\d\d):(\d\d)\.(\d{3,6}) ([0-9a-f]{1,16}) (.*)/;

/** Line with its time as it was written, which is local. */
interface LocalLine extends LogLine {
  readonly milliseconds: number;
}

/**
 * The file `LOG` of an open database, which LevelDB and RocksDB append to. It stays open, as it is renamed when the
 * database is opened again, or by another process that tries to. That is safe: it is neither data nor the file that is
 * locked.
 */
export class LogFile {
  readonly #fd: number;
  #offset = 0;
  /** The line that is not complete yet. */
  #rest = "";
  /** Milliseconds by which the time of a line is ahead of UTC. */
  #ahead: number = -new Date().getTimezoneOffset() * 60_000;

  readonly #opened: number = Date.now();

  /** @throws if it cannot be read, or is no file: a pipe at its place has no writer, for which others wait */
  constructor(folder: string) {
    this.#fd = openSync(join(folder, "LOG"), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    if (fstatSync(this.#fd).isFile()) return;
    closeSync(this.#fd);
    throw Object.assign(new Error("LOG is no file"), { code: "ENOTFILE" });
  }

  /** Number of bytes that were read or left out. */
  get offset(): number {
    return this.#offset;
  }

  /** Leaves what was written until now unread. */
  skip(): void {
    this.#offset = fstatSync(this.#fd).size;
    this.#rest = "";
  }

  /** Returns the lines that were written since the last call, the first ones of many. */
  lines(): LogLine[] {
    const { size, mtimeMs } = fstatSync(this.#fd);
    // It was truncated: what the engine writes from now on is read.
    if (size < this.#offset) this.skip();
    if (size <= this.#offset) return [];
    const wanted = Math.min(MAX_BYTES, size - this.#offset);
    buffer ??= Buffer.allocUnsafeSlow(MAX_BYTES);
    const read = readSync(this.#fd, buffer, 0, wanted, this.#offset);
    this.#offset += read;
    const texts = (this.#rest + buffer.toString("latin1", 0, read)).split("\n");
    this.#rest = texts.pop()!.slice(0, MAX_LINE);
    const lines = texts.flatMap((text) => parse(text) ?? []);
    this.#setZone(lines.at(-1), this.#offset === size ? mtimeMs : undefined);
    const ahead = BigInt(this.#ahead) * 1_000_000n;
    return lines
      .map(({ time, thread, text }) => ({ time: time - ahead, thread, text }))
      .filter(({ time }) => this.#isPossible(Number(time / 1_000_000n)));
  }

  close(): void {
    closeSync(this.#fd);
  }

  /**
   * Compares the last line with the time of the file. The zone of this process would be another one where the time zones
   * are missing in the system: Node.js has its own.
   */
  #setZone(last: LocalLine | undefined, modified: number | undefined): void {
    if (last === undefined || modified === undefined) return;
    const ahead = Math.round((last.milliseconds - modified) / QUARTER_MS) * QUARTER_MS;
    if (Math.abs(ahead) <= MAX_AHEAD_MS) this.#ahead = ahead;
  }

  /** Tells whether a line can be of this time. What began or ended at another one, as the clock was set, is not told. */
  #isPossible(milliseconds: number): boolean {
    return milliseconds >= this.#opened - TOLERANCE_MS && milliseconds <= Date.now() + TOLERANCE_MS;
  }
}

function parse(text: string): LocalLine | undefined {
  const [, year, month, day, hour, minute, second, fraction, thread, rest] = HEAD.exec(text.slice(0, MAX_LINE)) ?? [];
  if (rest === undefined) return undefined;
  const seconds = Date.UTC(+year!, +month! - 1, +day!, +hour!, +minute!, +second!);
  const nanoseconds = Number(fraction!.padEnd(9, "0"));
  return {
    time: BigInt(seconds) * 1_000_000n + BigInt(nanoseconds),
    milliseconds: seconds + nanoseconds / 1e6,
    thread: thread!,
    text: rest,
  };
}
