import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ATTR_STORAGE_FILE_TYPE, METRIC_STORAGE_SPACE_USAGE, METRIC_STORAGE_WAL_SIZE } from "../../semconv/index.ts";
import type { Collector } from "../../src/instrument/collectors.ts";
import { sizeOf } from "../files/file-stat.ts";

/** Milliseconds between two looks at the files. */
const INTERVAL_MS = 1_000;

/** Maximum number of temporary files that are looked at. */
const MAX_TEMPORARY = 1_000;

/**
 * Collects the sizes of the files of a database, which are not opened.
 * @param isInPlace tells whether the file at the path is the one that was opened
 */
export const filesOf = (path: string, isInPlace: () => boolean): Collector => ({
  name: "files",
  metrics: [METRIC_STORAGE_SPACE_USAGE, METRIC_STORAGE_WAL_SIZE],
  minIntervalMs: INTERVAL_MS,
  collect(set) {
    const size = isInPlace() ? sizeOf(path) : undefined;
    if (size === undefined) return;
    const wal = sizeOf(`${path}.wal`) ?? 0;
    set(METRIC_STORAGE_SPACE_USAGE, size, { [ATTR_STORAGE_FILE_TYPE]: "table" });
    set(METRIC_STORAGE_SPACE_USAGE, wal, { [ATTR_STORAGE_FILE_TYPE]: "wal" });
    set(METRIC_STORAGE_WAL_SIZE, wal);
    const temporary = temporaryIn(`${path}.tmp`);
    if (temporary !== undefined) set(METRIC_STORAGE_SPACE_USAGE, temporary, { [ATTR_STORAGE_FILE_TYPE]: "temp" });
  },
});

/** Returns the bytes of the files in a folder; undefined if DuckDB has not created it, or has another one. */
function temporaryIn(folder: string): number | undefined {
  try {
    const names = readdirSync(folder).slice(0, MAX_TEMPORARY);
    return names.reduce((sum, name) => sum + (sizeOf(join(folder, name)) ?? 0), 0);
  } catch {
    return undefined;
  }
}
