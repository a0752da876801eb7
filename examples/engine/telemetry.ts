/** Telemetry of Tidepool, reported through `stratascope/instrument` only. Without stratascope, none is exported. */
import { basename, dirname } from "node:path";
import { database, type ObservedActivity, type ObservedDatabase, type ObservedOperation } from "stratascope/instrument";
import {
  ATTR_DB_QUERY_SUMMARY,
  ATTR_DISK_IO_DIRECTION,
  ATTR_ERROR_TYPE,
  ATTR_STORAGE_COMPACTION_REASON,
  ATTR_STORAGE_COMPACTION_TYPE,
  ATTR_STORAGE_FILE_TYPE,
  ATTR_STORAGE_FLUSH_REASON,
  ATTR_STORAGE_LEVEL_NUMBER,
  ATTR_STORAGE_MEMORY_COMPONENT,
  ATTR_STORAGE_SEARCH_TYPE,
  ATTR_STORAGE_SNAPSHOT_TYPE,
  ATTR_STORAGE_STALL_REASON,
  KIND_EVENT_STORAGE_BACKGROUND_ERROR,
  KIND_EVENT_STORAGE_WRITE_STALL,
  KIND_STORAGE_COMPACTION,
  KIND_STORAGE_FLUSH,
  KIND_STORAGE_SEARCH,
  KIND_STORAGE_SNAPSHOT,
  KIND_STORAGE_STALL,
  METRIC_STORAGE_BRANCH_COUNT,
  METRIC_STORAGE_COMPACTION_IO,
  METRIC_STORAGE_COMPACTION_PENDING,
  METRIC_STORAGE_COMPACTION_WRITE_AMPLIFICATION,
  METRIC_STORAGE_LEVEL_FILE_COUNT,
  METRIC_STORAGE_LEVEL_SIZE,
  METRIC_STORAGE_MEMORY_USAGE,
  METRIC_STORAGE_SPACE_USAGE,
  METRIC_STORAGE_WAL_SIZE,
  METRIC_STORAGE_WAL_SYNC_DURATION,
  type StorageCompactionReason,
  type StorageFlushReason,
  type StorageSnapshotType,
  type StorageStallReason,
} from "stratascope/semconv";
import { TidepoolError } from "./entry.ts";
import { bytesOf, type Compaction } from "./version.ts";
import type { Stall } from "./store.ts";

/** Polled state of a database. */
export interface Gauges {
  readonly levels: readonly { readonly files: number; readonly bytes: number }[];
  readonly memtableBytes: number;
  readonly walBytes: number;
  readonly valueLogBytes: number;
  readonly pendingCompactionBytes: number;
  readonly branches: number;
}

const COMPACTION_REASONS: Readonly<Record<Compaction["reason"], StorageCompactionReason>> = {
  level_0_files: "level_files",
  level_size: "level_size",
  manual: "manual",
};

const TYPE = { [ATTR_STORAGE_COMPACTION_TYPE]: "leveled" } as const;

const STALL_REASONS: Readonly<Record<Stall, StorageStallReason>> = {
  memtables: "memtable_limit",
  level_0_files: "level0_files",
};

const POLLED = [
  METRIC_STORAGE_LEVEL_FILE_COUNT,
  METRIC_STORAGE_LEVEL_SIZE,
  METRIC_STORAGE_MEMORY_USAGE,
  METRIC_STORAGE_SPACE_USAGE,
  METRIC_STORAGE_WAL_SIZE,
  METRIC_STORAGE_COMPACTION_PENDING,
  METRIC_STORAGE_BRANCH_COUNT,
];

/** Telemetry of one open database. */
export class Telemetry {
  readonly #database: ObservedDatabase;
  readonly get: ObservedOperation;
  readonly put: ObservedOperation;
  readonly del: ObservedOperation;
  readonly batch: ObservedOperation;
  readonly scan: ObservedOperation;
  readonly commit: ObservedOperation;

  constructor(folder: string) {
    const db = database({
      system: "tidepool",
      namespace: namespaceOf(folder),
      sharedBy: folder,
      errorType: errorTypeOf,
      primitive: "kv",
    });
    this.#database = db;
    this.get = db.operation("read", { name: "get" });
    this.put = db.operation("write", { name: "put" });
    this.del = db.operation("write", { name: "del" });
    this.batch = db.operation("write", { name: "batch" });
    this.commit = db.operation("transaction", { name: "commit" });
    this.scan = db.operation("read", {
      name: "scan",
      activity: {
        kind: KIND_STORAGE_SEARCH,
        attributes: { [ATTR_STORAGE_SEARCH_TYPE]: "prefix", [ATTR_DB_QUERY_SUMMARY]: "scan" },
      },
    });
  }

  transaction() {
    return this.#database.transaction("optimistic", { holdsSnapshot: true });
  }

  /** Begins a snapshot: a view that stays open, or a copy. */
  snapshot(type: StorageSnapshotType): ObservedActivity {
    const attributes = { [ATTR_STORAGE_SNAPSHOT_TYPE]: type };
    return this.#database.begin(KIND_STORAGE_SNAPSHOT, { attributes, holdsSnapshot: type === "read_view" });
  }

  /** Runs a flush. @returns the bytes it wrote */
  async flush(reason: StorageFlushReason, work: () => Promise<number>): Promise<void> {
    const attributes = { [ATTR_STORAGE_FLUSH_REASON]: reason };
    const flush = this.#database.begin(KIND_STORAGE_FLUSH, { parent: "none", attributes });
    await ended(flush, work, (bytes) => ({ bytes }));
  }

  /** Runs a compaction. @returns the bytes it wrote */
  async compaction({ reason, target, inputs, added }: Compaction, work: () => Promise<number>): Promise<void> {
    const read = bytesOf(inputs);
    const attributes = {
      ...TYPE,
      [ATTR_STORAGE_COMPACTION_REASON]: COMPACTION_REASONS[reason],
      [ATTR_STORAGE_LEVEL_NUMBER]: target,
    };
    const compaction = this.#database.begin(KIND_STORAGE_COMPACTION, { parent: "none", attributes });
    await ended(compaction, work, (written) => {
      this.#database.record(METRIC_STORAGE_COMPACTION_IO, read, { [ATTR_DISK_IO_DIRECTION]: "read" });
      this.#database.record(METRIC_STORAGE_COMPACTION_IO, written, { [ATTR_DISK_IO_DIRECTION]: "write" });
      const moved = bytesOf(added);
      if (moved > 0) this.#database.record(METRIC_STORAGE_COMPACTION_WRITE_AMPLIFICATION, written / moved, TYPE);
      return { bytes: Math.max(0, read - written) };
    });
  }

  /** Begins a time in which writes wait. */
  stall(reason: Stall): ObservedActivity {
    const attributes = { [ATTR_STORAGE_STALL_REASON]: STALL_REASONS[reason] };
    this.#database.event(KIND_EVENT_STORAGE_WRITE_STALL, attributes);
    return this.#database.begin(KIND_STORAGE_STALL, { attributes });
  }

  /** Records that the log was made durable since a time of `process.hrtime.bigint()`. */
  synced(since: bigint): void {
    this.#database.record(METRIC_STORAGE_WAL_SYNC_DURATION, Number(process.hrtime.bigint() - since));
  }

  failedInBackground(error: unknown): void {
    this.#database.event(KIND_EVENT_STORAGE_BACKGROUND_ERROR, { [ATTR_ERROR_TYPE]: errorTypeOf(error) });
  }

  /** Polls the state of the database until it is closed. */
  poll(gauges: () => Gauges): void {
    this.#database.collect({
      name: "levels",
      metrics: POLLED,
      collect(set) {
        const { levels, memtableBytes, walBytes, valueLogBytes, pendingCompactionBytes, branches } = gauges();
        levels.forEach(({ files, bytes }, level) => {
          set(METRIC_STORAGE_LEVEL_FILE_COUNT, files, { [ATTR_STORAGE_LEVEL_NUMBER]: level });
          set(METRIC_STORAGE_LEVEL_SIZE, bytes, { [ATTR_STORAGE_LEVEL_NUMBER]: level });
        });
        const tables = levels.reduce((sum, { bytes }) => sum + bytes, 0);
        for (const [type, bytes] of Object.entries({ table: tables, wal: walBytes, value_log: valueLogBytes }))
          set(METRIC_STORAGE_SPACE_USAGE, bytes, { [ATTR_STORAGE_FILE_TYPE]: type });
        set(METRIC_STORAGE_MEMORY_USAGE, memtableBytes, { [ATTR_STORAGE_MEMORY_COMPONENT]: "memtable" });
        set(METRIC_STORAGE_WAL_SIZE, walBytes);
        set(METRIC_STORAGE_COMPACTION_PENDING, pendingCompactionBytes);
        set(METRIC_STORAGE_BRANCH_COUNT, branches);
      },
    });
  }

  close(): void {
    this.#database.close();
  }
}

/** Runs background work as an activity. */
async function ended(
  activity: ObservedActivity,
  work: () => Promise<number>,
  measure: (bytes: number) => { readonly bytes: number },
): Promise<void> {
  try {
    activity.end(measure(await work()));
  } catch (error) {
    activity.end({ error });
    throw error;
  }
}

/** Returns the name of a database: its folder, and for a branch that of the database before it. */
function namespaceOf(folder: string): string {
  const parent = dirname(folder);
  return basename(parent) === "branches" ? `${basename(dirname(parent))}/${basename(folder)}` : basename(folder);
}

const errorTypeOf = (error: unknown): string =>
  error instanceof TidepoolError ? error.code : error instanceof Error ? error.name : "_OTHER";
