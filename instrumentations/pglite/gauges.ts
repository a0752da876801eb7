import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import {
  ATTR_STORAGE_FILE_TYPE,
  ATTR_STORAGE_MEMORY_COMPONENT,
  METRIC_STORAGE_MEMORY_USAGE,
  METRIC_STORAGE_SPACE_USAGE,
} from "../../semconv/index.ts";
import type { Collector } from "../../src/instrument/collectors.ts";
import { sizeOf } from "../files/file-stat.ts";
import type { Pglite } from "./engine.ts";

/** Collects the memory of the compiled PostgreSQL: its buffers, its code and, of a database in memory, its files. */
export const memoryOf = (owner: WeakRef<Pglite>): Collector => ({
  name: "memory",
  metrics: [METRIC_STORAGE_MEMORY_USAGE],
  collect(set) {
    const memory = owner.deref()?.mod?.HEAPU8;
    if (memory !== undefined)
      set(METRIC_STORAGE_MEMORY_USAGE, memory.length, { [ATTR_STORAGE_MEMORY_COMPONENT]: "other" });
  },
});

/** Milliseconds between two looks at the files, of which there are a thousand at least. */
const FILES_INTERVAL_MS = 30_000;

/** Files that are looked at before other work of the event loop has its turn. */
const FILES_AT_ONCE = 100;

interface Entry {
  readonly name: string;
  readonly isFolder: boolean;
}

async function entriesOf(folder: string): Promise<Entry[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
}

/** Returns the bytes of all files in a folder. */
async function sizeIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const [at, { name, isFolder }] of (await entriesOf(folder)).entries()) {
    if (at % FILES_AT_ONCE === FILES_AT_ONCE - 1) await setImmediate();
    // PostgreSQL may have removed it.
    bytes += isFolder ? await sizeIn(join(folder, name)) : (sizeOf(join(folder, name)) ?? 0);
  }
  return bytes;
}

/** Folders of a database by their content; the files in all others are not data. */
const FOLDERS: Readonly<Record<string, "table" | "wal">> = { base: "table", global: "table", pg_wal: "wal" };

/**
 * Collects the sizes of the files in the folder of a database, which are not opened.
 * @param isInPlace tells whether the folder at the path is that of the database
 */
export const filesOf = (folder: string, isInPlace: () => boolean): Collector => ({
  name: "files",
  metrics: [METRIC_STORAGE_SPACE_USAGE],
  minIntervalMs: FILES_INTERVAL_MS,
  async collect(set) {
    if (!isInPlace()) return;
    const sizes = { table: 0, wal: 0, other: 0 };
    for (const { name, isFolder } of await entriesOf(folder)) {
      const type = isFolder ? (FOLDERS[name] ?? "other") : "other";
      sizes[type] += isFolder ? await sizeIn(join(folder, name)) : (sizeOf(join(folder, name)) ?? 0);
    }
    for (const type of ["table", "wal", "other"] as const)
      set(METRIC_STORAGE_SPACE_USAGE, sizes[type], { [ATTR_STORAGE_FILE_TYPE]: type });
  },
});
