/** Tidepool, a key-value engine: a log-structured merge tree with snapshots, optimistic transactions and branches. */
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { TidepoolError } from "./entry.ts";
import { Levels } from "./levels.ts";
import { Memtable } from "./memtable.ts";
import { merge } from "./merge.ts";
import { DEFAULTS, type Options } from "./options.ts";
import { bytesOf } from "./version.ts";
import { Snapshot, Transaction, type Batch, type Scan, type Source } from "./views.ts";
import { Writer } from "./writer.ts";

const BRANCHES = "branches";

export class Tidepool {
  readonly folder: string;
  readonly #options: Options;
  readonly #levels: Levels;
  readonly #writer: Writer;
  readonly #snapshots = new Set<Snapshot>();
  /** Branches by name; undefined if one was not opened. */
  readonly #branches = new Map<string, Promise<Tidepool> | undefined>();
  readonly #source: Source;
  #closing: Promise<void> | undefined;

  private constructor(folder: string, options: Options) {
    this.folder = folder;
    this.#options = options;
    this.#levels = new Levels(folder, options);
    const snapshots = (): number[] => Array.from(this.#snapshots, ({ sequence }) => sequence);
    this.#writer = new Writer(folder, options, this.#levels, snapshots);
    this.#source = {
      read: (key, sequence) => this.#read(key, sequence),
      scan: (prefix, sequence, own) => this.#scan(prefix, sequence, own),
      write: (batch, unchangedSince) => this.#write(batch, unchangedSince),
      released: (snapshot) => void this.#snapshots.delete(snapshot),
    };
  }

  static async open(folder: string, options: Partial<Options> = {}): Promise<Tidepool> {
    await mkdir(join(folder, BRANCHES), { recursive: true });
    const engine = new Tidepool(folder, { ...DEFAULTS, ...options });
    await engine.#writer.open(await engine.#levels.open());
    for (const name of await readdir(join(folder, BRANCHES))) engine.#branches.set(name, undefined);
    return engine;
  }

  async get(key: string): Promise<Buffer | undefined> {
    return this.#read(key, this.#writer.sequence);
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    await this.batch(new Map([[key, value]]));
  }

  async del(key: string): Promise<void> {
    await this.batch(new Map([[key, undefined]]));
  }

  /** Writes all or nothing. @returns the sequence number of the batch */
  async batch(batch: Batch): Promise<number> {
    return this.#write(batch, Infinity);
  }

  /** Reads the keys with a prefix in order, as of the first step. */
  async *scan(prefix = ""): Scan {
    yield* this.#scan(prefix, this.#writer.sequence);
  }

  snapshot(): Snapshot {
    return this.#view(Snapshot);
  }

  begin(): Transaction {
    return this.#view(Transaction);
  }

  /** Commits what the work wrote, or rolls it back if it throws. */
  async transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const transaction = this.begin();
    try {
      const result = await work(transaction);
      await transaction.commit();
      return result;
    } finally {
      transaction.rollback();
    }
  }

  /** Writes what is in memory to level 0. */
  async flush(): Promise<void> {
    this.#check();
    await this.#writer.flush();
  }

  /** Compacts everything into one level. */
  async compact(): Promise<void> {
    this.#check();
    await this.#writer.compact();
  }

  /** Copies the database to a folder that does not exist; tables and values are linked where that is possible. */
  async checkpoint(folder: string): Promise<void> {
    this.#check();
    await this.#levels.checkpoint(folder);
  }

  /** Opens a branch. A new one begins as a checkpoint of the current state. */
  async branch(name: string): Promise<Tidepool> {
    this.#check();
    if (!/^[\w-]+$/.test(name)) throw new RangeError("a branch is named by letters, digits, _ and -");
    const opened = await this.#branches.get(name);
    if (opened !== undefined && opened.#closing === undefined) return opened;
    const branch = this.#openBranch(name);
    this.#branches.set(name, branch);
    return branch;
  }

  async dropBranch(name: string): Promise<void> {
    this.#check();
    await (await this.#branches.get(name))?.close();
    if (this.#branches.delete(name)) await rm(join(this.folder, BRANCHES, name), { recursive: true });
  }

  properties() {
    const { current } = this.#levels;
    const { logs, sequence, stall } = this.#writer;
    const opened = Array.from(this.#snapshots, ({ openedAt }) => openedAt);
    return {
      sequence,
      levels: current.levels.map((tables) => ({ files: tables.length, bytes: bytesOf(tables) })),
      memtables: logs.length,
      memtableBytes: logs.reduce((sum, { memtable }) => sum + memtable.bytes, 0),
      walBytes: logs.reduce((sum, { wal }) => sum + wal.size, 0),
      valueLogBytes: current.values.reduce((sum, { size }) => sum + size, 0),
      pendingCompactionBytes: current.pending(this.#options).reduce((sum, bytes) => sum + bytes, 0),
      snapshots: opened.length,
      oldestSnapshotMs: opened.length === 0 ? 0 : performance.now() - Math.min(...opened),
      branches: this.#branches.size,
      stall,
    };
  }

  /** Waits for writes and background work. What is in memory stays in the log. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    for (const branch of this.#branches.values()) await (await branch)?.close();
    await this.#writer.close();
    await this.#levels.close();
  }

  #check(): void {
    if (this.#closing !== undefined) throw new TidepoolError("CLOSED", "the database is closed");
  }

  #view<View extends Snapshot>(type: new (source: Source, sequence: number) => View): View {
    this.#check();
    const view = new type(this.#source, this.#writer.sequence);
    this.#snapshots.add(view);
    return view;
  }

  async #read(key: string, sequence: number): Promise<Buffer | undefined> {
    this.#check();
    const recent = this.#writer.find(key, sequence);
    return this.#levels.using(async (version) => version.valueOf(recent ?? (await version.find(key, sequence))));
  }

  async *#scan(prefix: string, sequence: number, own: Batch = new Map()): Scan {
    this.#check();
    const writes = new Memtable();
    for (const [key, value] of own) writes.add({ key, sequence, value: value && Buffer.from(value) });
    const memtables = [writes, ...this.#writer.logs.map(({ memtable }) => memtable)];
    const version = this.#levels.pin();
    try {
      const tables = version.tables.map((table) => table.entries(prefix));
      let last: string | undefined;
      for await (const entry of merge([...memtables.map((memtable) => memtable.entries(prefix)), ...tables])) {
        if (entry.sequence > sequence || entry.key === last) continue;
        last = entry.key;
        const value = await version.valueOf(entry);
        if (value !== undefined) yield [entry.key, value];
      }
    } finally {
      await this.#levels.unpin(version);
    }
  }

  async #write(batch: Batch, unchangedSince: number): Promise<number> {
    this.#check();
    return this.#writer.write(batch, unchangedSince);
  }

  async #openBranch(name: string): Promise<Tidepool> {
    const folder = join(this.folder, BRANCHES, name);
    if (!this.#branches.has(name)) await this.#levels.checkpoint(folder);
    return Tidepool.open(folder, this.#options);
  }
}
