import type { StorageCompactionReason, StorageFlushReason, StorageStallReason } from "../../semconv/index.ts";

/** Event that RocksDB writes to its log as JSON, as far as it is used: it has no keys. */
export interface LogEvent {
  readonly event: string;
  /** Unix time in nanoseconds. */
  readonly time: bigint;
  readonly job: number;
  /** Returns a number of the event; undefined if it has none of that name. */
  number(name: string): number | undefined;
  text(name: string): string | undefined;
  /** Number of files that a compaction merges, of all levels. */
  readonly inputs: number;
}

const PREFIX = "EVENT_LOG_v1 ";

/** Returns the event of a line; undefined if it has none. */
export function eventIn(text: string): LogEvent | undefined {
  if (!text.startsWith(PREFIX)) return undefined;
  const fields = parsed(text.slice(PREFIX.length));
  const number = (name: string): number | undefined => (typeof fields?.[name] === "number" ? fields[name] : undefined);
  const word = (name: string): string | undefined => (typeof fields?.[name] === "string" ? fields[name] : undefined);
  const event = word("event");
  const micros = number("time_micros");
  if (fields === undefined || event === undefined || !Number.isSafeInteger(micros)) return undefined;
  const lists = Object.entries(fields).filter(([name, list]) => name.startsWith("files_L") && Array.isArray(list));
  return {
    event,
    time: BigInt(micros!) * 1_000n,
    job: number("job") ?? 0,
    number,
    text: word,
    inputs: lists.reduce((sum, [, list]) => sum + (list as unknown[]).length, 0),
  };
}

/** Parses an object; undefined for a line that is incomplete. */
function parsed(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Reasons of flushes, as RocksDB names them; of the others, such as the recovery from an error, there is no name. */
export const FLUSH_REASONS: ReadonlyMap<string | undefined, StorageFlushReason> = new Map([
  ["Write Buffer Full", "memtable_full"],
  ["WAL Full", "wal_full"],
  ["Manual Flush", "manual"],
  ["Manual Compaction", "manual"],
  ["Get Live Files", "manual"],
  ["Shut Down", "shutdown"],
]);

export const COMPACTION_REASONS: ReadonlyMap<string | undefined, StorageCompactionReason> = new Map([
  ["LevelL0FilesNum", "level_files"],
  ["LevelMaxLevelSize", "level_size"],
  ["ManualCompaction", "manual"],
  ["BottommostFiles", "space"],
  ["ForcedBlobGC", "space"],
  ["Ttl", "ttl"],
  ["PeriodicCompaction", "ttl"],
]);

/** Beginnings of the reasons for which writes are stopped. */
const STALL_REASONS: readonly (readonly [text: RegExp, reason: StorageStallReason])[] = [
  [/^we have \d+ immutable memtables/, "memtable_limit"],
  [/^we have \d+ level-0 files/, "level0_files"],
  [/^of estimated pending compaction bytes/, "pending_compaction"],
];

export const stallReasonOf = (text: string): StorageStallReason | undefined =>
  STALL_REASONS.find(([pattern]) => pattern.test(text))?.[1];

/** Classes of the errors that RocksDB writes as text. A full disk is an `IO error: No space left on device`. */
const ERRORS: readonly (readonly [text: RegExp, type: string])[] = [
  [/^IO error: No space left/, "NoSpace"],
  [/^IO error/, "IOError"],
  [/^Corruption/, "Corruption"],
];

/** Failure of work that was given up. */
export const GIVEN_UP = "given_up";

/** Work that was given up, as the database is closed or the application cancelled it. */
const ABANDONED = /^(?:Shutdown in progress|Column family dropped|Result incomplete|Operation aborted)/;

/** Returns the `error.type` of a status; `GIVEN_UP` for work that has not failed, and undefined for success. */
export function failureOf(status: string): string | undefined {
  if (status.startsWith("OK")) return undefined;
  if (ABANDONED.test(status)) return GIVEN_UP;
  return ERRORS.find(([pattern]) => pattern.test(status))?.[1] ?? "_OTHER";
}
