/** The way of a write: queued, logged with those that wait beside it, put into the memtable, flushed in the background. */
import { rm } from "node:fs/promises";
import { encode, TidepoolError, type Entry } from "./entry.ts";
import { filePath } from "./files.ts";
import { Lane } from "./lane.ts";
import type { Levels } from "./levels.ts";
import { Memtable } from "./memtable.ts";
import type { Options } from "./options.ts";
import type { Compaction } from "./version.ts";
import type { Batch } from "./views.ts";
import { replay, Wal } from "./wal.ts";

/** Number of batches that share an append, and a sync. */
const MAX_GROUP = 1000;

export type Stall = "memtables" | "level_0_files";

interface Log {
  readonly memtable: Memtable;
  readonly wal: Wal;
}

interface Write {
  readonly batch: ReadonlyMap<string, Buffer | undefined>;
  readonly unchangedSince: number;
  readonly done: PromiseWithResolvers<number>;
}

export class Writer {
  readonly #folder: string;
  readonly #options: Options;
  readonly #levels: Levels;
  readonly #snapshots: () => number[];
  readonly #flushes = new Lane();
  readonly #compactions = new Lane();
  readonly #queue: Write[] = [];
  #writing: Promise<void> | undefined;
  #isFlushWanted = false;
  #progress = Promise.withResolvers<void>();
  #failure: Error | undefined;
  /** The log that is written to, then those that wait for their flush, from the newest to the oldest. */
  readonly logs: Log[] = [];
  sequence = 0;
  stall: Stall | undefined;

  constructor(folder: string, options: Options, levels: Levels, snapshots: () => number[]) {
    this.#folder = folder;
    this.#options = options;
    this.#levels = levels;
    this.#snapshots = snapshots;
  }

  /** Replays the logs that are not in the tables. */
  async open(ids: readonly number[]): Promise<void> {
    this.sequence = this.#levels.manifest.sequence;
    for (const id of ids) {
      const entries = await replay(filePath(this.#folder, id, "wal"), id === ids.at(-1));
      await this.#rotate(id);
      for (const entry of entries) this.logs[0]!.memtable.add(entry);
      this.sequence = Math.max(this.sequence, entries.at(-1)?.sequence ?? 0);
    }
    if (ids.length === 0) await this.#rotate(this.#levels.nextFile++);
    this.#inBackground(this.#compactions, () => this.#compactWhileNeeded());
  }

  /** Finds the newest version in memory that is not newer than a sequence number. */
  find(key: string, sequence: number): Entry | undefined {
    for (const { memtable } of this.logs) {
      const entry = memtable.find(key, sequence);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  /** Writes all of a batch or nothing. @returns its sequence number */
  async write(batch: Batch, unchangedSince: number): Promise<number> {
    const copy = new Map(Array.from(batch, ([key, value]) => [key, value && Buffer.from(value)]));
    const done = Promise.withResolvers<number>();
    this.#queue.push({ batch: copy, unchangedSince, done });
    this.#writing ??= this.#writeQueued();
    return done.promise;
  }

  async flush(): Promise<void> {
    this.#isFlushWanted = true;
    await this.write(new Map(), Infinity);
    await this.#flushes.idle();
    if (this.#failure !== undefined) throw this.#failure;
  }

  async compact(): Promise<void> {
    await this.flush();
    await this.#compactions.run(() => this.#compact(this.#levels.current.fullCompaction()));
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#flushes.idle();
    await this.#compactions.idle();
    await this.logs[0]!.wal.close();
  }

  async #writeQueued(): Promise<void> {
    while (this.#queue.length > 0) {
      const group = this.#queue.splice(0, this.#options.sync === "write" ? 1 : MAX_GROUP);
      try {
        await this.#makeRoom();
        await this.#commit(group);
      } catch (error) {
        for (const { done } of group) done.reject(error);
      }
    }
    this.#writing = undefined;
  }

  /** Waits while the background is behind, and begins a new memtable if the current one is full. */
  async #makeRoom(): Promise<void> {
    for (this.stall = this.#stallOf(); this.stall !== undefined; this.stall = this.#stallOf())
      await this.#progress.promise;
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isFull()) await this.#rotate(this.#levels.nextFile++);
  }

  #isFull(): boolean {
    const { bytes, isEmpty } = this.logs[0]!.memtable;
    return bytes >= this.#options.memtableBytes || (this.#isFlushWanted && !isEmpty);
  }

  #stallOf(): Stall | undefined {
    const { level0Files, stallLevel0Files, stallMemtables } = this.#options;
    if (this.#failure !== undefined) return undefined;
    if (this.#levels.current.levels[0]!.length >= Math.max(level0Files, stallLevel0Files)) return "level_0_files";
    return this.#isFull() && this.logs.length > stallMemtables ? "memtables" : undefined;
  }

  async #commit(group: readonly Write[]): Promise<void> {
    const { memtable, wal } = this.logs[0]!;
    const keys = new Set<string>();
    const accepted: { readonly write: Write; readonly entries: Entry[] }[] = [];
    for (const write of group) {
      if (await this.#conflicts(write, keys)) {
        write.done.reject(new TidepoolError("CONFLICT", "a key was written since the transaction began"));
        continue;
      }
      const sequence = this.sequence + accepted.length + 1;
      accepted.push({ write, entries: Array.from(write.batch, ([key, value]) => ({ key, sequence, value })) });
      for (const key of write.batch.keys()) keys.add(key);
    }
    await this.#append(
      wal,
      accepted.filter(({ entries }) => entries.length > 0).map(({ entries }) => encode(entries)),
    );
    for (const entry of accepted.flatMap(({ entries }) => entries)) memtable.add(entry);
    for (const { write } of accepted) write.done.resolve(++this.sequence);
  }

  /** Whether a key of a batch was written too late, by a batch before its group or in it. */
  async #conflicts({ batch, unchangedSince }: Write, keys: ReadonlySet<string>): Promise<boolean> {
    if (unchangedSince === Infinity) return false;
    for (const key of batch.keys()) {
      const recent = this.find(key, Infinity);
      const newest = recent ?? (await this.#levels.using((version) => version.find(key, Infinity)));
      if (keys.has(key) || (newest !== undefined && newest.sequence > unchangedSince)) return true;
    }
    return false;
  }

  async #append(wal: Wal, batches: readonly Buffer[]): Promise<void> {
    if (batches.length === 0) return;
    try {
      await wal.append(Buffer.concat(batches));
      if (this.#options.sync !== "never") await wal.sync();
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  /** Begins a memtable and its log; what was written to before is flushed. */
  async #rotate(id: number): Promise<void> {
    const wal = await Wal.open(this.#folder, id);
    const previous = this.logs[0];
    this.logs.unshift({ memtable: new Memtable(), wal });
    this.#isFlushWanted = false;
    await previous?.wal.close();
    if (previous !== undefined) this.#inBackground(this.#flushes, () => this.#flushOldest());
  }

  async #flushOldest(): Promise<void> {
    const [next, { memtable, wal }] = this.logs.slice(-2) as [Log, Log];
    await this.#levels.flush(memtable, this.#snapshots(), { sequence: this.sequence, firstWal: next.wal.id });
    this.logs.pop();
    await rm(wal.path);
    this.#inBackground(this.#compactions, () => this.#compactWhileNeeded());
  }

  async #compactWhileNeeded(): Promise<void> {
    for (;;) {
      const compaction = this.#levels.current.nextCompaction(this.#options);
      if (compaction === undefined) return;
      await this.#compact(compaction);
    }
  }

  async #compact(compaction: Compaction): Promise<void> {
    await this.#levels.compact(compaction, this.#snapshots());
    this.#notify();
  }

  #inBackground(lane: Lane, job: () => Promise<void>): void {
    lane.run(job).then(
      () => this.#notify(),
      (error: unknown) => this.#fail(error),
    );
  }

  /** Ends the writing: what failed is repeated when the database is opened again. */
  #fail(error: unknown): void {
    this.#failure ??= new Error("the database cannot be written", { cause: error });
    this.#notify();
  }

  /** Wakes the writes that wait for the background. */
  #notify(): void {
    this.#progress.resolve();
    this.#progress = Promise.withResolvers();
  }
}
