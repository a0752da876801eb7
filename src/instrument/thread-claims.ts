import { threadId } from "../runtime/thread.ts";

/** Files that are known at a time, and names of files; of what is beyond, each thread knows for itself. */
const FILES = 2048;
/** Where the places for files begin, and those for names. */
const OF_FILES = 0;
const OF_NAMES = FILES;

/** The numbers of a file: its name, who reports it, and what those who have it open know together. */
const NAME = 0;
const REPORTER = 1;
const KNOWN = 2;
const WIDTH = 5;

const NOBODY = 0n;

let claims = new BigInt64Array(new SharedArrayBuffer(2 * FILES * WIDTH * BigInt64Array.BYTES_PER_ELEMENT));

/** The memory in which threads see what each of them knows of files. */
export const claimMemory = (): SharedArrayBuffer => claims.buffer as SharedArrayBuffer;

/** From now on this thread knows of files what other threads know. */
export function shareClaims(buffer: SharedArrayBuffer): void {
  claims = new BigInt64Array(buffer);
}

/** Lets other threads report what one that has ended did. */
export function releaseClaims(thread: number): void {
  for (let at = 0; at < claims.length; at += WIDTH)
    Atomics.compareExchange(claims, at + REPORTER, idOf(thread), NOBODY);
}

/** A file that several threads may have open, and numbers that they keep about it together: zero at first. */
export class SharedFile {
  readonly #numbers: BigInt64Array;
  readonly #at: number;

  /** @param path the same in all threads */
  constructor(path: string, area: number = OF_FILES) {
    const at = placeOf(hashOf(path), area);
    this.#numbers = at === undefined ? new BigInt64Array(WIDTH) : claims;
    this.#at = at ?? 0;
  }

  /** Whether this thread is the one to report what each thread would report alike. */
  isOurs(): boolean {
    const own = idOf(threadId());
    const reporter = Atomics.compareExchange(this.#numbers, this.#at + REPORTER, NOBODY, own);
    return reporter === NOBODY || reporter === own;
  }

  /** This thread has no reason any more to report it. */
  leave(): void {
    Atomics.compareExchange(this.#numbers, this.#at + REPORTER, idOf(threadId()), NOBODY);
  }

  get(index: 0 | 1 | 2): bigint {
    return Atomics.load(this.#numbers, this.#at + KNOWN + index);
  }

  /** @returns what the number is then */
  add(index: 0 | 1 | 2, amount: 1n | -1n): bigint {
    return Atomics.add(this.#numbers, this.#at + KNOWN + index, amount) + amount;
  }

  /** Replaces a number. @returns false if another thread has changed it meanwhile */
  replace(index: 0 | 1 | 2, before: bigint, after: bigint): boolean {
    return Atomics.compareExchange(this.#numbers, this.#at + KNOWN + index, before, after) === before;
  }
}

/** Has a file take a name that no other has, in any thread. @returns whether it has it */
export function claimName(name: string, path: string): boolean {
  const claim = new SharedFile(name, OF_NAMES);
  const owner = hashOf(path);
  return claim.replace(0, 0n, owner) || claim.get(0) === owner;
}

/** The main thread has the number 0. */
const idOf = (thread: number): bigint => BigInt(thread + 1);

/** Places that are looked at for a file: with more, a table that is full would take longer than what is opened. */
const MAX_PROBES = 64;

/** Where a file is in the table; undefined if there is no room for it. */
function placeOf(name: bigint, area: number): number | undefined {
  const start = Number(BigInt.asUintN(32, name)) % FILES;
  for (let i = 0; i < MAX_PROBES; i++) {
    const at = (area + ((start + i) % FILES)) * WIDTH;
    const there = Atomics.compareExchange(claims, at + NAME, 0n, name);
    if (there === 0n || there === name) return at;
  }
  return undefined;
}

/** FNV-1a in 64 bits; never 0, which is the name of no file. */
function hashOf(path: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(path)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return BigInt.asIntN(64, hash) || 1n;
}
