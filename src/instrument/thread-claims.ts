import { threadId } from "../runtime/thread.ts";

/** Number of entries for files, and of entries for names; beyond it, each thread keeps its own state. */
const FILES = 2048;
/** First entry for files, and first entry for names. */
const OF_FILES = 0;
const OF_NAMES = FILES;

/** Indexes of an entry's numbers: the hash of the name, the reporting thread, and the values shared by the threads. */
const NAME = 0;
const REPORTER = 1;
const KNOWN = 2;
const WIDTH = 5;

const NOBODY = 0n;

let claims = new BigInt64Array(new SharedArrayBuffer(2 * FILES * WIDTH * BigInt64Array.BYTES_PER_ELEMENT));

/** Returns the shared memory in which threads exchange their state of files. */
export const claimMemory = (): SharedArrayBuffer => claims.buffer as SharedArrayBuffer;

/** Replaces the state of files by the one shared by all threads. */
export function shareClaims(buffer: SharedArrayBuffer): void {
  claims = new BigInt64Array(buffer);
}

/** Releases the claims of a thread that has ended, so that other threads can take over. */
export function releaseClaims(thread: number): void {
  for (let at = 0; at < claims.length; at += WIDTH)
    Atomics.compareExchange(claims, at + REPORTER, idOf(thread), NOBODY);
}

/** File that several threads may have open, with numbers they share about it, initially zero. */
export class SharedFile {
  readonly #numbers: BigInt64Array;
  readonly #at: number;

  /** @param path the same in all threads */
  constructor(path: string, area: number = OF_FILES) {
    const at = placeOf(hashOf(path), area);
    this.#numbers = at === undefined ? new BigInt64Array(WIDTH) : claims;
    this.#at = at ?? 0;
  }

  /** Tells whether this thread reports the values that are the same in each thread. */
  isOurs(): boolean {
    const own = idOf(threadId());
    const reporter = Atomics.compareExchange(this.#numbers, this.#at + REPORTER, NOBODY, own);
    return reporter === NOBODY || reporter === own;
  }

  /** Releases this thread's claim to report. */
  leave(): void {
    Atomics.compareExchange(this.#numbers, this.#at + REPORTER, idOf(threadId()), NOBODY);
  }

  get(index: 0 | 1 | 2): bigint {
    return Atomics.load(this.#numbers, this.#at + KNOWN + index);
  }

  /**
   * Adds to a number.
   * @returns its new value
   */
  add(index: 0 | 1 | 2, amount: 1n | -1n): bigint {
    return Atomics.add(this.#numbers, this.#at + KNOWN + index, amount) + amount;
  }

  /**
   * Replaces a number.
   * @returns false if another thread has changed it meanwhile
   */
  replace(index: 0 | 1 | 2, before: bigint, after: bigint): boolean {
    return Atomics.compareExchange(this.#numbers, this.#at + KNOWN + index, before, after) === before;
  }
}

/** Data that several databases of this thread, and of other threads, have open. One database reports for all of them. */
export class SharedData {
  static readonly #open = new Map<string, SharedData>();
  readonly #id: string;
  readonly #file: SharedFile;
  readonly #databases = new Set<object>();
  /** Databases that report for this thread, by collector. */
  readonly #reporters = new Map<string, object>();

  private constructor(id: string) {
    this.#id = id;
    this.#file = new SharedFile(id);
  }

  /** Notes that a database of this thread has the data open. */
  static join(id: string, database: object): SharedData {
    const data = SharedData.#open.get(id) ?? new SharedData(id);
    SharedData.#open.set(id, data);
    data.#databases.add(database);
    return data;
  }

  /** Tells whether a database reports the values of a collector. */
  isOurs(collector: string, database: object): boolean {
    if (!this.#file.isOurs()) return false;
    const reporter = this.#reporters.get(collector) ?? database;
    this.#reporters.set(collector, reporter);
    return reporter === database;
  }

  /** Notes that a database was closed: another one reports from now on. */
  leave(database: object): void {
    this.#databases.delete(database);
    for (const [collector, reporter] of this.#reporters) if (reporter === database) this.#reporters.delete(collector);
    if (this.#databases.size > 0) return;
    SharedData.#open.delete(this.#id);
    this.#file.leave();
  }
}

/**
 * Claims a name for a file, unless another file has it, in any thread.
 * @returns true if the file has the name
 */
export function claimName(name: string, path: string): boolean {
  const claim = new SharedFile(name, OF_NAMES);
  const owner = hashOf(path);
  return claim.replace(0, 0n, owner) || claim.get(0) === owner;
}

/** Returns the claim id of a thread; the main thread has the number 0. */
const idOf = (thread: number): bigint => BigInt(thread + 1);

/** Maximum number of entries probed for a file: in a full table, more would take longer than opening the file. */
const MAX_PROBES = 64;

/** Returns the entry of a file in the table; undefined if the table is full. */
function placeOf(name: bigint, area: number): number | undefined {
  const start = Number(BigInt.asUintN(32, name)) % FILES;
  for (let i = 0; i < MAX_PROBES; i++) {
    const at = (area + ((start + i) % FILES)) * WIDTH;
    const there = Atomics.compareExchange(claims, at + NAME, 0n, name);
    if (there === 0n || there === name) return at;
  }
  return undefined;
}

/** Returns the 64-bit FNV-1a hash; never 0, which marks a free entry. */
function hashOf(path: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(path)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return BigInt.asIntN(64, hash) || 1n;
}
