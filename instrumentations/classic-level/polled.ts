import {
  ATTR_STORAGE_MEMORY_COMPONENT,
  METRIC_STORAGE_AMPLIFICATION_WRITE,
  METRIC_STORAGE_COMPACTION_ACTIVE,
  METRIC_STORAGE_COMPACTION_PENDING,
  METRIC_STORAGE_MEMORY_USAGE,
  METRIC_STORAGE_WRITE_STALL_ACTIVE,
} from "../../semconv/index.ts";
import type { Collector } from "../../src/instrument/collectors.ts";
import type { Background } from "../lsm/background.ts";
import type { FileTypes } from "../lsm/files.ts";
import { LEVEL_METRICS, levelsIn, reportLevels, sortedRuns, type Level } from "../lsm/levels.ts";

/** Levels of LevelDB. */
export const LEVELS = 7;

/** What is asked of an open database. */
export interface Asked {
  /** Returns a property of LevelDB; undefined if the database is not open. */
  property(name: string): string | undefined;
  readonly background: Background | undefined;
}

/** Collects the levels and the memory, as LevelDB tells them, and the work in the background. */
export const levelsOf = (database: Asked): Collector => ({
  name: "levels",
  metrics: [
    ...LEVEL_METRICS,
    METRIC_STORAGE_AMPLIFICATION_WRITE,
    METRIC_STORAGE_MEMORY_USAGE,
    METRIC_STORAGE_COMPACTION_ACTIVE,
    METRIC_STORAGE_COMPACTION_PENDING,
    METRIC_STORAGE_WRITE_STALL_ACTIVE,
  ],
  collect(set) {
    const stats = database.property("leveldb.stats");
    if (stats === undefined) return;
    const levels = levelsIn(stats, LEVELS);
    reportLevels(set, levels, sortedRuns(levels));
    set(METRIC_STORAGE_COMPACTION_PENDING, pendingIn(levels) ?? NaN);
    // LevelDB tells its memtables and its cache of blocks in one number.
    const memory = Number(database.property("leveldb.approximate-memory-usage"));
    set(METRIC_STORAGE_MEMORY_USAGE, memory, { [ATTR_STORAGE_MEMORY_COMPONENT]: "other" });
    const { compacting = NaN, stalls, writeAmplification = NaN } = database.background ?? {};
    set(METRIC_STORAGE_COMPACTION_ACTIVE, compacting);
    set(METRIC_STORAGE_WRITE_STALL_ACTIVE, stalls?.length ?? NaN);
    set(METRIC_STORAGE_AMPLIFICATION_WRITE, writeAmplification);
  },
});

/** Files of level 0 from which LevelDB merges them. */
const LEVEL_0_TRIGGER = 4;

/** Bytes of level 1 from which LevelDB merges its files; ten times as many for each level after it. */
const LEVEL_1_BYTES = 10 * 1_048_576;

/**
 * Returns the bytes that wait to be compacted, by the rules of LevelDB: those of level 0 if it has too many files, and
 * those of each level above its size. Undefined if the size of level 0 is not known.
 */
export function pendingIn(levels: readonly Level[]): number | undefined {
  let pending: number | undefined = 0;
  levels.slice(0, -1).forEach(({ files, bytes }, level) => {
    if (level === 0) pending = files < LEVEL_0_TRIGGER ? 0 : bytes;
    else if (pending !== undefined) pending += Math.max(0, (bytes ?? 0) - LEVEL_1_BYTES * 10 ** (level - 1));
  });
  return pending;
}

/** LevelDB's names of its files, by their content. */
export const FILE_TYPES: FileTypes = [
  [/^\d+\.(?:ldb|sst)$/, "table"],
  [/^\d+\.log$/, "wal"],
  [/^(?:CURRENT|LOCK|LOG|LOG\.old|MANIFEST-\d+|\d+\.dbtmp)$/, "other"],
];
