import {
  ATTR_STORAGE_MEMORY_COMPONENT,
  ATTR_STORAGE_SPACE_STATE,
  ATTR_STORAGE_STALL_STATE,
  METRIC_STORAGE_AMPLIFICATION_WRITE,
  METRIC_STORAGE_CACHE_LIMIT,
  METRIC_STORAGE_CACHE_USAGE,
  METRIC_STORAGE_COMPACTION_ACTIVE,
  METRIC_STORAGE_COMPACTION_PENDING,
  METRIC_STORAGE_FLUSH_ACTIVE,
  METRIC_STORAGE_MEMORY_USAGE,
  METRIC_STORAGE_SPACE_ALLOCATED,
  METRIC_STORAGE_WRITE_STALL_ACTIVE,
  METRIC_STORAGE_WRITE_STALL_STATUS,
  type StorageStallState,
} from "../../semconv/index.ts";
import type { Collector, SetValue } from "../../src/instrument/collectors.ts";
import type { Background } from "../lsm/background.ts";
import type { FileTypes } from "../lsm/files.ts";
import { addLevels, LEVEL_METRICS, levelsIn, reportLevels, sortedRuns, type Level } from "../lsm/levels.ts";
import { numberIn, type Properties } from "./properties.ts";

/** Maximum number of column families that are asked, which takes 10 us each. */
const MAX_FAMILIES = 256;

/** Properties of a column family, which are added. */
const OF_FAMILY = [
  "levelstats",
  "live-sst-files-size",
  "total-sst-files-size",
  "live-blob-file-size",
  "live-blob-file-garbage-size",
  "size-all-mem-tables",
  "estimate-table-readers-mem",
  "block-cache-usage",
  "block-cache-capacity",
  "estimate-pending-compaction-bytes",
];

/** Properties of the database. */
const OF_DATABASE = ["num-running-compactions", "num-running-flushes", "is-write-stopped", "actual-delayed-write-rate"];

type Answers = ReadonlyMap<string, string>;

/** Asks all column families. @throws if they are too many */
async function askAll(properties: Properties, names: readonly string[]): Promise<Answers[] | undefined> {
  const { families } = properties;
  if (families === undefined) return undefined;
  if (families.length > MAX_FAMILIES) throw new RangeError(`more than ${MAX_FAMILIES} column families`);
  const answers = await Promise.all(families.map((family) => properties.of(family, names)));
  // It was closed or suspended meanwhile: what is missing would look as if it were less.
  return answers.every(({ size }) => size > 0) ? answers : undefined;
}

/** Returns the sum of a property over all column families; NaN if one has no answer. */
const sumOf = (all: readonly Answers[], name: string): number =>
  all.reduce((sum, answers) => sum + numberIn(answers, name), 0);

/** Returns the bytes that wait to be compacted, as the engine estimates them; undefined if it cannot be asked. */
export async function pendingBytes(properties: Properties): Promise<number | undefined> {
  const all = await askAll(properties, ["estimate-pending-compaction-bytes"]);
  return all && sumOf(all, "estimate-pending-compaction-bytes");
}

/** Returns the levels of a column family. If all files are in one level, its size is known to the byte. */
function levelsOf(answers: Answers): Level[] {
  const levels = levelsIn(answers.get("levelstats") ?? "", 0);
  const filled = levels.filter(({ files }) => files > 0);
  const size = numberIn(answers, "live-sst-files-size");
  if (filled.length !== 1 || Number.isNaN(size)) return levels;
  return levels.map((level) => (level.files > 0 ? { ...level, bytes: size } : level));
}

/** Collects what the engine says of its files, memory and background work. */
export const engineOf = (properties: Properties, background: Background): Collector => ({
  name: "engine",
  metrics: [
    ...LEVEL_METRICS,
    METRIC_STORAGE_AMPLIFICATION_WRITE,
    METRIC_STORAGE_COMPACTION_ACTIVE,
    METRIC_STORAGE_COMPACTION_PENDING,
    METRIC_STORAGE_FLUSH_ACTIVE,
    METRIC_STORAGE_MEMORY_USAGE,
    METRIC_STORAGE_SPACE_ALLOCATED,
    METRIC_STORAGE_WRITE_STALL_ACTIVE,
    METRIC_STORAGE_WRITE_STALL_STATUS,
  ],
  async collect(set) {
    const { families } = properties;
    if (families === undefined) return;
    const [all, database] = await Promise.all([
      askAll(properties, OF_FAMILY),
      properties.of(families[0]!, OF_DATABASE),
    ]);
    if (all === undefined) return;
    const trees = all.map(levelsOf);
    reportLevels(set, addLevels(trees), Math.max(...trees.map(sortedRuns)));
    reportUsage(set, all);
    reportWork(set, database);
    set(METRIC_STORAGE_COMPACTION_PENDING, sumOf(all, "estimate-pending-compaction-bytes"));
    set(METRIC_STORAGE_AMPLIFICATION_WRITE, background.writeAmplification ?? NaN);
    set(METRIC_STORAGE_WRITE_STALL_ACTIVE, background.stalls?.length ?? NaN);
  },
});

function reportUsage(set: SetValue, all: readonly Answers[]): void {
  const memory = (component: string, name: string): void =>
    set(METRIC_STORAGE_MEMORY_USAGE, sumOf(all, name), { [ATTR_STORAGE_MEMORY_COMPONENT]: component });
  memory("memtable", "size-all-mem-tables");
  memory("block_cache", "block-cache-usage");
  memory("index", "estimate-table-readers-mem");
  const live = sumOf(all, "live-sst-files-size");
  const blobs = sumOf(all, "live-blob-file-size");
  const garbage = sumOf(all, "live-blob-file-garbage-size");
  // Files that were merged stay for as long as a snapshot or an iterator needs them.
  const kept = Math.max(0, sumOf(all, "total-sst-files-size") - live);
  set(METRIC_STORAGE_SPACE_ALLOCATED, live + blobs - garbage, { [ATTR_STORAGE_SPACE_STATE]: "live" });
  set(METRIC_STORAGE_SPACE_ALLOCATED, kept + garbage, { [ATTR_STORAGE_SPACE_STATE]: "free" });
}

const STATES: readonly StorageStallState[] = ["normal", "delayed", "stopped"];

function reportWork(set: SetValue, answers: Answers): void {
  set(METRIC_STORAGE_COMPACTION_ACTIVE, numberIn(answers, "num-running-compactions"));
  set(METRIC_STORAGE_FLUSH_ACTIVE, numberIn(answers, "num-running-flushes"));
  const isDelayed = numberIn(answers, "actual-delayed-write-rate") > 0;
  const current = answers.get("is-write-stopped") === "1" ? "stopped" : isDelayed ? "delayed" : "normal";
  if (!answers.has("is-write-stopped")) return;
  for (const state of STATES)
    set(METRIC_STORAGE_WRITE_STALL_STATUS, state === current ? 1 : 0, { [ATTR_STORAGE_STALL_STATE]: state });
}

/** Collects the size of the block caches, of which each column family has one. */
export const blockCacheOf = (properties: Properties): Collector => ({
  name: "block_cache",
  metrics: [METRIC_STORAGE_CACHE_USAGE, METRIC_STORAGE_CACHE_LIMIT],
  async collect(set) {
    const all = await askAll(properties, ["block-cache-usage", "block-cache-capacity"]);
    if (all === undefined) return;
    set(METRIC_STORAGE_CACHE_USAGE, sumOf(all, "block-cache-usage"));
    set(METRIC_STORAGE_CACHE_LIMIT, sumOf(all, "block-cache-capacity"));
  },
});

/** RocksDB's names of its files, by their content. */
export const FILE_TYPES: FileTypes = [
  [/^\d+\.sst$/, "table"],
  [/^\d+\.log$/, "wal"],
  [/^\d+\.blob$/, "value_log"],
  [/^(?:CURRENT|IDENTITY|LOCK|LOG|LOG\.old\.\d+|SESSION_ID|(?:MANIFEST|OPTIONS)-\d+|\d+\.dbtmp)$/, "other"],
];
