import {
  ATTR_STORAGE_LEVEL_NUMBER,
  METRIC_STORAGE_AMPLIFICATION_READ,
  METRIC_STORAGE_LEVEL_FILE_COUNT,
  METRIC_STORAGE_LEVEL_SIZE,
  type MetricDefinition,
} from "../../semconv/index.ts";
import type { SetValue } from "../../src/instrument/collectors.ts";

/** Files of a level. */
export interface Level {
  readonly files: number;
  /** Undefined if the engine does not report it. */
  readonly bytes: number | undefined;
}

/** Metrics of `reportLevels`. */
export const LEVEL_METRICS: readonly MetricDefinition[] = [
  METRIC_STORAGE_LEVEL_FILE_COUNT,
  METRIC_STORAGE_LEVEL_SIZE,
  METRIC_STORAGE_AMPLIFICATION_READ,
];

const MEGABYTE = 1_048_576;

/** Highest number of a level. */
const MAX_LEVEL = 63;

/**
 * Reads the statistics of an engine, whose lines begin with a level, its files, and their size in megabytes: that of files
 * which are smaller is not known.
 * @param count the number of levels; those that are not named are empty
 */
export function levelsIn(statistics: string, count: number): Level[] {
  const levels: Level[] = Array.from({ length: count }, () => ({ files: 0, bytes: 0 }));
  for (const line of statistics.split("\n")) {
    const [level = NaN, files = NaN, size = NaN] = line.trim().split(/ +/, 3).map(Number);
    if (!(level <= MAX_LEVEL && files >= 0 && size >= 0)) continue;
    const bytes = size * MEGABYTE;
    levels[level] = { files, bytes: bytes === 0 && files > 0 ? undefined : bytes };
  }
  return Array.from(levels, (level) => level ?? { files: 0, bytes: 0 });
}

/** Adds the levels of several trees of a database. */
export function addLevels(trees: readonly (readonly Level[])[]): Level[] {
  const length = Math.max(0, ...trees.map((levels) => levels.length));
  return Array.from({ length }, (_, number) => {
    const same = trees.flatMap((levels) => levels[number] ?? []);
    const bytes = same.map((level) => level.bytes);
    return {
      files: same.reduce((sum, { files }) => sum + files, 0),
      bytes: bytes.includes(undefined) ? undefined : bytes.reduce<number>((sum, each) => sum + each!, 0),
    };
  });
}

/** Returns the number of sorted runs: the files of level 0, which overlap, and each other level that has files. */
export const sortedRuns = ([level0, ...others]: readonly Level[]): number =>
  (level0?.files ?? 0) + others.filter(({ files }) => files > 0).length;

/** Reports the levels of a database. @param runs sorted runs of the tree that has most of them */
export function reportLevels(set: SetValue, levels: readonly Level[], runs: number): void {
  levels.forEach(({ files, bytes }, level) => {
    set(METRIC_STORAGE_LEVEL_FILE_COUNT, files, { [ATTR_STORAGE_LEVEL_NUMBER]: level });
    if (bytes !== undefined) set(METRIC_STORAGE_LEVEL_SIZE, bytes, { [ATTR_STORAGE_LEVEL_NUMBER]: level });
  });
  set(METRIC_STORAGE_AMPLIFICATION_READ, runs);
}
