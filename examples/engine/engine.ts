/** Tidepool, a key-value engine: a log-structured merge tree with snapshots, optimistic transactions and branches. */
import { existsSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { TidepoolError } from "./entry.ts";
import { Telemetry } from "./telemetry.ts";
import { DEFAULTS, type Options } from "./options.ts";
import { Store, type Batch, type Scan } from "./store.ts";
import { bytesOf } from "./version.ts";
import { Snapshot, Transaction } from "./views.ts";

const BRANCHES = "branches";
/** Returns the number of records that a read returned. */
const present = (value: unknown): number => (value === undefined ? 0 : 1);
const one = (): number => 1;

const BRANCH_NAME = /^[\w-]+$/;

export class Tidepool {
  readonly folder: string;
  readonly #options: Options;
  readonly #store: Store;
  readonly #telemetry: Telemetry;
  /** Branches by name; undefined if one was not opened. */
  readonly #branches = new Map<string, Promise<Tidepool> | undefined>();
  #closing: Promise<void> | undefined;

  private constructor(folder: string, options: Options) {
    this.folder = folder;
    this.#options = options;
    this.#telemetry = new Telemetry(folder);
    this.#store = new Store(folder, options, this.#telemetry);
  }

  static async open(folder: string, options: Partial<Options> = {}): Promise<Tidepool> {
    await mkdir(join(folder, BRANCHES), { recursive: true });
    const engine = new Tidepool(folder, { ...DEFAULTS, ...options });
    await engine.#store.open();
    const names = (await readdir(join(folder, BRANCHES))).filter((name) => BRANCH_NAME.test(name));
    for (const name of names) engine.#branches.set(name, undefined);
    engine.#telemetry.poll(() => engine.properties());
    return engine;
  }

  async get(key: string): Promise<Buffer | undefined> {
    const store = this.#open;
    return this.#telemetry.get.run(() => store.read(key, store.sequence), present);
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    const store = this.#open;
    await this.#telemetry.put.run(() => store.write(new Map([[key, value]])), one);
  }

  async del(key: string): Promise<void> {
    const store = this.#open;
    await this.#telemetry.del.run(() => store.write(new Map([[key, undefined]])), one);
  }

  /** Writes all or nothing. @returns the sequence number of the batch */
  async batch(batch: Batch): Promise<number> {
    const store = this.#open;
    return this.#telemetry.batch.run(
      () => store.write(batch),
      () => batch.size,
    );
  }

  /** Reads the keys with a prefix in order, as of the first step. */
  scan(prefix = ""): Scan {
    return this.#telemetry.scan.iterate(this.#scan(prefix));
  }

  snapshot(): Snapshot {
    return new Snapshot(this.#open, this.#telemetry);
  }

  begin(): Transaction {
    return new Transaction(this.#open, this.#telemetry);
  }

  /** Commits the writes of a function, or rolls them back if it throws. */
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

  /** Writes the memtable to level 0. */
  async flush(): Promise<void> {
    await this.#open.flush();
  }

  /** Compacts everything into one level. */
  async compact(): Promise<void> {
    await this.#open.compact();
  }

  /** Copies the database to a folder that does not exist; tables and values are linked where that is possible. */
  async checkpoint(folder: string): Promise<void> {
    const { levels } = this.#open;
    const copy = this.#telemetry.snapshot("backup");
    try {
      await levels.checkpoint(folder);
      copy.end();
    } catch (error) {
      copy.end({ error });
      throw error;
    }
  }

  /** Opens a branch. A new one begins as a checkpoint of the current state. */
  async branch(name: string): Promise<Tidepool> {
    if (!BRANCH_NAME.test(name)) throw new RangeError("a branch is named by letters, digits, _ and -");
    const previous = this.#branches.get(name);
    const branch = previous?.then((opened) => (opened.#closing ? this.#openBranch(name, opened) : opened));
    this.#branches.set(name, branch ?? this.#openBranch(name));
    return this.#branches.get(name)!;
  }

  hasBranch(name: string): boolean {
    return this.#branches.has(name);
  }

  async dropBranch(name: string): Promise<void> {
    await (await this.#branches.get(name))?.close();
    if (this.#branches.delete(name)) await rm(join(this.folder, BRANCHES, name), { recursive: true });
  }

  properties() {
    const { levels, logs, sequence, stall, views } = this.#store;
    const { current } = levels;
    const opened = Array.from(views, ({ openedAt }) => openedAt);
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

  /** Waits for writes and background work, then closes the files. The memtable stays in the log. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  get #open(): Store {
    if (this.#closing !== undefined) throw new TidepoolError("CLOSED", "the database is closed");
    return this.#store;
  }

  async *#scan(prefix: string): Scan {
    yield* this.#open.scan(prefix, this.#open.sequence);
  }

  async #close(): Promise<void> {
    for (const branch of this.#branches.values()) await (await branch)?.close();
    await this.#store.close();
    this.#telemetry.close();
  }

  async #openBranch(name: string, previous?: Tidepool): Promise<Tidepool> {
    const folder = join(this.folder, BRANCHES, name);
    try {
      const { levels } = this.#open;
      await previous?.close();
      if (!existsSync(folder)) await levels.checkpoint(folder);
      return await Tidepool.open(folder, this.#options);
    } catch (error) {
      this.#branches.delete(name);
      throw error;
    }
  }
}
