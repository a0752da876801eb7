import { statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import {
  ATTR_STORAGE_FILE_TYPE,
  METRIC_STORAGE_SPACE_USAGE,
  METRIC_STORAGE_WAL_SIZE,
  type StorageFileType,
} from "../../semconv/index.ts";
import type { Collector } from "../../src/instrument/collectors.ts";

/** Milliseconds between two looks at all files. */
const FILES_INTERVAL_MS = 5_000;

/** Files that are looked at before other work of the event loop has its turn, which takes half a millisecond. */
const FILES_AT_ONCE = 250;

/** Names of an engine's files, by their content. Others in the folder are not its own. */
export type FileTypes = readonly (readonly [pattern: RegExp, type: StorageFileType])[];

/**
 * Collects the sizes of the files in the folder of a database, which are not opened.
 * @param isInPlace tells whether the folder at the path is that of the database
 */
export const filesOf = (folder: string, types: FileTypes, isInPlace: () => boolean): Collector => ({
  name: "files",
  metrics: [METRIC_STORAGE_SPACE_USAGE, METRIC_STORAGE_WAL_SIZE],
  minIntervalMs: FILES_INTERVAL_MS,
  async collect(set) {
    if (!isInPlace()) return;
    const sizes = new Map<StorageFileType, number>(types.map(([, type]) => [type, 0]));
    let looked = 0;
    for (const name of await readdir(folder)) {
      const type = types.find(([pattern]) => pattern.test(name))?.[1];
      if (type === undefined) continue;
      if (++looked % FILES_AT_ONCE === 0) await setImmediate();
      // The engine may have removed it.
      const size = statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
      sizes.set(type, sizes.get(type)! + size);
    }
    for (const [type, bytes] of sizes) set(METRIC_STORAGE_SPACE_USAGE, bytes, { [ATTR_STORAGE_FILE_TYPE]: type });
    const wal = sizes.get("wal");
    if (wal !== undefined) set(METRIC_STORAGE_WAL_SIZE, wal);
  },
});
