/** Reads and writes by sequence number. Concurrent writes are logged together, and flushed in the background. */
import { AsyncLocalStorage } from "node:async_hooks";
import { rm } from "node:fs/promises";
import type { StorageFlushReason } from "stratascope/semconv";
import { encode, TidepoolError, type Entry } from "./entry.ts";
import { filePath } from "./files.ts";
import { SerialQueue } from "./serial-queue.ts";
import { Levels, type Output } from "./levels.ts";
import { Memtable } from "./memtable.ts";
import { merge } from "./merge.ts";
import type { Options } from "./options.ts";
import type { Telemetry } from "./telemetry.ts";
import { bytesOf, type Compaction, type Version } from "./version.ts";
import { replay, Wal } from "./wal.ts";

/** Number of batches that share an append, and a sync. */
const MAX_GROUP = 1000;

/** Values to put by key; undefined deletes. */
export type Batch = ReadonlyMap<string, Uint8Array | undefined>;

export type Scan = AsyncGenerator<[key: string, value: Buffer]>;

/** Read view at a sequence number. */
export interface View {
  readonly sequence: number;
  readonly openedAt: number;
  /** Ends the view because its database closes. */
  abandon(): void;
}

export type Stall = "memtables" | "level_0_files";

interface Log {
  readonly memtable: Memtable;
  readonly wal: Wal;
}

interface Write {
  readonly batch: ReadonlyMap<string, Buffer | undefined>;
  readonly unchangedSince: number;
  readonly done: PromiseWithResolvers<number>;
  /** Runs code in the context of its caller, so that its spans belong to the caller's trace. */
  readonly inContext: <T>(code: () => T) => T;
}

/** Returns the bytes that a flush or a compaction wrote. */
const sizeOf = ({ tables, values }: Output): number =>
  bytesOf(tables) + values.reduce((sum, { size }) => sum + size, 0);

export class Store {
  readonly #folder: string;
  readonly #options: Options;
  readonly #telemetry: Telemetry;
  readonly #flushes = new SerialQueue();
  readonly #compactions = new SerialQueue();
  readonly #queue: Write[] = [];
  #writing: Promise<void> | undefined;
  #isFlushWanted = false;
  /** Number of compactions that the application waits for. */
  #compactionsWanted = 0;
  #progress = Promise.withResolvers<void>();
  #failure: Error | undefined;
  readonly levels: Levels;
  /** Active log, then those that wait for their flush, from the newest to the oldest. */
  readonly logs: Log[] = [];
  /** Views whose versions of a key are kept. */
  readonly views = new Set<View>();
  sequence = 0;
  stall: Stall | undefined;

  constructor(folder: string, options: Options, telemetry: Telemetry) {
    this.#folder = folder;
    this.#options = options;
    this.#telemetry = telemetry;
    this.levels = new Levels(folder, options);
  }

  /** Replays the logs that are not in the tables. */
  async open(): Promise<void> {
    const ids = await this.levels.open();
    this.sequence = this.levels.manifest.sequence;
    const replays = ids.map((id) => replay(filePath(this.#folder, id, "wal"), id === ids.at(-1)));
    for (const [i, entries] of (await Promise.all(replays)).entries()) {
      await this.#rotate(ids[i]!);
      for (const entry of entries) this.logs[0]!.memtable.add(entry);
      this.sequence = Math.max(this.sequence, entries.at(-1)?.sequence ?? 0);
    }
    if (ids.length === 0) await this.#rotate(this.levels.nextFile++);
    this.#inBackground(this.#compactions, () => this.#compactWhileNeeded());
  }

  async read(key: string, sequence: number): Promise<Buffer | undefined> {
    return this.#find(key, sequence, (version, entry) => version.valueOf(entry));
  }

  /** Reads the keys with a prefix in order. */
  async *scan(prefix: string, sequence: number, own: Batch = new Map()): Scan {
    const writes = new Memtable();
    for (const [key, value] of own) writes.add({ key, sequence, value: value && Buffer.from(value) });
    const memtables = [writes, ...this.logs.map(({ memtable }) => memtable)];
    const version = this.levels.pin();
    try {
      const sources = [...memtables, ...version.tables].map((source) => source.entries(prefix));
      let last: string | undefined;
      for await (const entry of merge(sources)) {
        if (entry.sequence > sequence || entry.key === last) continue;
        last = entry.key;
        const value = await version.valueOf(entry);
        if (value !== undefined) yield [entry.key, value];
      }
    } finally {
      await this.levels.unpin(version);
    }
  }

  /**
   * Writes all of a batch or nothing. @returns its sequence number
   * @throws TidepoolError CONFLICT if a key was written after the sequence number given
   */
  async write(batch: Batch, unchangedSince = Infinity): Promise<number> {
    const copy = new Map(Array.from(batch, ([key, value]) => [key, value && Buffer.from(value)]));
    const done = Promise.withResolvers<number>();
    this.#queue.push({ batch: copy, unchangedSince, done, inContext: AsyncLocalStorage.snapshot() });
    this.#writing ??= this.#writeQueued();
    return done.promise;
  }

  async flush(): Promise<void> {
    this.#isFlushWanted = true;
    await this.write(new Map());
    await this.#flushes.idle();
    if (this.#failure !== undefined) throw this.#failure;
  }

  async compact(): Promise<void> {
    await this.flush();
    this.#compactionsWanted++;
    const compacted = this.#compactions.run(() => {
      this.#compactionsWanted--;
      return this.#compact(this.levels.current.fullCompaction());
    });
    this.#inBackground(this.#compactions, () => this.#compactWhileNeeded());
    await compacted;
  }

  async close(): Promise<void> {
    await this.#writing;
    for (const view of this.views) view.abandon();
    await this.#flushes.idle();
    await this.#compactions.idle();
    await this.logs[0]!.wal.close();
    await this.levels.close();
  }

  /** Finds the newest version of a key that is not newer than a sequence number. */
  #find<T>(key: string, sequence: number, use: (version: Version, entry?: Entry) => T | Promise<T>): Promise<T> {
    const recent = this.logs.map(({ memtable }) => memtable.find(key, sequence)).find((entry) => entry !== undefined);
    return this.levels.using(async (version) => use(version, recent ?? (await version.find(key, sequence))));
  }

  async #writeQueued(): Promise<void> {
    while (this.#queue.length > 0) {
      const group = this.#queue.splice(0, this.#options.sync === "write" ? 1 : MAX_GROUP);
      try {
        await group[0]!.inContext(() => this.#makeRoom());
        await this.#commit(group);
      } catch (error) {
        this.#fail(error);
        for (const { done } of group) done.reject(error);
      }
    }
    this.#writing = undefined;
  }

  /** Waits while the background is behind, and begins a new memtable if the current one is full. */
  async #makeRoom(): Promise<void> {
    for (this.stall = this.#stallOf(); this.stall !== undefined; this.stall = this.#stallOf()) {
      const stall = this.#telemetry.stall(this.stall);
      await this.#progress.promise;
      stall.end();
    }
    if (this.#failure !== undefined) throw this.#failure;
    const isFull = this.#isFull();
    const reason = this.#isFlushWanted ? "manual" : "memtable_full";
    this.#isFlushWanted = false;
    if (isFull) await this.#rotate(this.levels.nextFile++, reason);
  }

  #isFull(): boolean {
    const { bytes } = this.logs[0]!.memtable;
    return bytes >= this.#options.memtableBytes || (this.#isFlushWanted && bytes > 0);
  }

  #stallOf(): Stall | undefined {
    const { level0Files, stallLevel0Files, stallMemtables } = this.#options;
    if (this.#failure !== undefined) return undefined;
    if (this.levels.current.levels[0]!.length >= Math.max(level0Files, stallLevel0Files)) return "level_0_files";
    return this.#isFull() && this.logs.length > stallMemtables ? "memtables" : undefined;
  }

  async #commit(group: readonly Write[]): Promise<void> {
    const { memtable, wal } = this.logs[0]!;
    const keys = new Set<string>();
    const accepted: Write[] = [];
    const batches: Entry[][] = [];
    for (const write of group) {
      if (await this.#conflicts(write, keys)) {
        write.done.reject(new TidepoolError("CONFLICT", "a key was written since the transaction began"));
        continue;
      }
      const sequence = this.sequence + accepted.length + 1;
      accepted.push(write);
      batches.push(Array.from(write.batch, ([key, value]) => ({ key, sequence, value })));
      for (const key of write.batch.keys()) keys.add(key);
    }
    await this.#append(wal, batches.filter(({ length }) => length > 0).map(encode));
    for (const entry of batches.flat()) memtable.add(entry);
    for (const { done } of accepted) done.resolve(++this.sequence);
  }

  /** Reports whether a key of a batch was written too late, before its group or in it. */
  async #conflicts({ batch, unchangedSince }: Write, keys: ReadonlySet<string>): Promise<boolean> {
    if (unchangedSince === Infinity) return false;
    for (const key of batch.keys()) {
      const newest = await this.#find(key, Infinity, (_version, entry) => entry?.sequence ?? 0);
      if (keys.has(key) || newest > unchangedSince) return true;
    }
    return false;
  }

  async #append(wal: Wal, batches: readonly Buffer[]): Promise<void> {
    if (batches.length === 0) return;
    await wal.append(Buffer.concat(batches));
    if (this.#options.sync === "never") return;
    const start = process.hrtime.bigint();
    await wal.sync();
    this.#telemetry.synced(start);
  }

  /** Begins a memtable and its log, and flushes the previous one. */
  async #rotate(id: number, reason: StorageFlushReason = "recovery"): Promise<void> {
    const wal = await Wal.open(this.#folder, id);
    const previous = this.logs[0];
    this.logs.unshift({ memtable: new Memtable(), wal });
    await previous?.wal.close();
    if (previous !== undefined) this.#inBackground(this.#flushes, () => this.#flushOldest(reason));
  }

  async #flushOldest(reason: StorageFlushReason): Promise<void> {
    const [next, { memtable, wal }] = this.logs.slice(-2) as [Log, Log];
    const logged = { sequence: this.sequence, firstWal: next.wal.id };
    await this.#telemetry.flush(reason, async () => sizeOf(await this.levels.flush(memtable, this.#viewed(), logged)));
    this.logs.pop();
    await rm(wal.path);
    this.#inBackground(this.#compactions, () => this.#compactWhileNeeded());
  }

  /** Compacts levels that are too large, until the application requests a compaction. */
  async #compactWhileNeeded(): Promise<void> {
    while (this.#compactionsWanted === 0) {
      const compaction = this.levels.current.nextCompaction(this.#options);
      if (compaction === undefined) return;
      await this.#compact(compaction);
    }
  }

  async #compact(compaction: Compaction): Promise<void> {
    await this.#telemetry.compaction(compaction, async () =>
      sizeOf(await this.levels.compact(compaction, this.#viewed())),
    );
    this.#notify();
  }

  #viewed(): number[] {
    return Array.from(this.views, ({ sequence }) => sequence);
  }

  #inBackground(queue: SerialQueue, job: () => Promise<void>): void {
    queue.run(job).then(
      () => this.#notify(),
      (error: unknown) => this.#fail(error),
    );
  }

  /** Ends the writing, until the database is opened again and recovers from its logs. */
  #fail(error: unknown): void {
    this.#telemetry.failedInBackground(error);
    this.#failure ??= new Error("the database cannot be written", { cause: error });
    this.#notify();
  }

  /** Wakes the writes that wait for the background. */
  #notify(): void {
    this.#progress.resolve();
    this.#progress = Promise.withResolvers();
  }
}
