import { statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import {
  ATTR_STORAGE_FILE_TYPE,
  ATTR_STORAGE_LEVEL_NUMBER,
  ATTR_STORAGE_MEMORY_COMPONENT,
  METRIC_STORAGE_COMPACTION_ACTIVE,
  METRIC_STORAGE_LEVEL_FILE_COUNT,
  METRIC_STORAGE_LEVEL_SIZE,
  METRIC_STORAGE_MEMORY_USAGE,
  METRIC_STORAGE_SPACE_USAGE,
  METRIC_STORAGE_WAL_SIZE,
  type StorageFileType,
} from "../../semconv/index.ts";
import type { Collector } from "../../src/instrument/collectors.ts";

/** Levels of LevelDB. */
const LEVELS = 7;

/** A line of `leveldb.stats`: the level, its files, their size in megabytes, and what it has done. */
const LEVEL = /^ *(\d+) +(\d+) +(\d+) /gm;
const MEGABYTE = 1_048_576;

/** What is asked of an open database. */
export interface Asked {
  /** Returns a property of LevelDB; undefined if the database is not open. */
  property(name: string): string | undefined;
  readonly isCompacting: boolean;
}

/** Collects the levels and the memory, as LevelDB tells them. */
export const levelsOf = (database: Asked): Collector => ({
  name: "levels",
  metrics: [
    METRIC_STORAGE_LEVEL_FILE_COUNT,
    METRIC_STORAGE_LEVEL_SIZE,
    METRIC_STORAGE_MEMORY_USAGE,
    METRIC_STORAGE_COMPACTION_ACTIVE,
  ],
  collect(set) {
    const stats = database.property("leveldb.stats");
    if (stats === undefined) return;
    const levels = Array.from({ length: LEVELS }, () => ({ files: 0, bytes: 0 }));
    for (const [, level, files, size] of stats.matchAll(LEVEL))
      levels[Number(level)] = { files: Number(files), bytes: Number(size) * MEGABYTE };
    levels.forEach(({ files, bytes }, level) => {
      set(METRIC_STORAGE_LEVEL_FILE_COUNT, files, { [ATTR_STORAGE_LEVEL_NUMBER]: level });
      set(METRIC_STORAGE_LEVEL_SIZE, bytes, { [ATTR_STORAGE_LEVEL_NUMBER]: level });
    });
    // LevelDB tells its memtables and its cache of blocks in one number.
    const memory = Number(database.property("leveldb.approximate-memory-usage"));
    set(METRIC_STORAGE_MEMORY_USAGE, memory, { [ATTR_STORAGE_MEMORY_COMPONENT]: "other" });
    set(METRIC_STORAGE_COMPACTION_ACTIVE, database.isCompacting ? 1 : 0);
  },
});

/** Milliseconds between two looks at all files. */
const FILES_INTERVAL_MS = 5_000;

/** Files that are looked at before other work of the event loop has its turn, which takes half a millisecond. */
const FILES_AT_ONCE = 250;

/** LevelDB's names of its files, by their content. Others in the folder are not its own. */
const TYPES: readonly (readonly [pattern: RegExp, type: StorageFileType])[] = [
  [/^\d+\.(?:ldb|sst)$/, "table"],
  [/^\d+\.log$/, "wal"],
  [/^(?:CURRENT|LOCK|LOG|LOG\.old|MANIFEST-\d+|\d+\.dbtmp)$/, "other"],
];

const typeOf = (name: string): StorageFileType | undefined => TYPES.find(([pattern]) => pattern.test(name))?.[1];

/**
 * Collects the sizes of the files in the folder of a database, which are not opened.
 * @param isInPlace tells whether the folder at the path is that of the database
 */
export const filesOf = (folder: string, isInPlace: () => boolean): Collector => ({
  name: "files",
  metrics: [METRIC_STORAGE_SPACE_USAGE, METRIC_STORAGE_WAL_SIZE],
  minIntervalMs: FILES_INTERVAL_MS,
  async collect(set) {
    if (!isInPlace()) return;
    const sizes = new Map<StorageFileType, number>([
      ["table", 0],
      ["wal", 0],
      ["other", 0],
    ]);
    let looked = 0;
    for (const name of await readdir(folder)) {
      const type = typeOf(name);
      if (type === undefined) continue;
      if (++looked % FILES_AT_ONCE === 0) await setImmediate();
      // LevelDB may have removed it.
      const size = statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
      sizes.set(type, sizes.get(type)! + size);
    }
    for (const [type, bytes] of sizes) set(METRIC_STORAGE_SPACE_USAGE, bytes, { [ATTR_STORAGE_FILE_TYPE]: type });
    set(METRIC_STORAGE_WAL_SIZE, sizes.get("wal")!);
  },
});
