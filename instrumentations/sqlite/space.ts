import { ATTR_STORAGE_FILE_TYPE, METRIC_STORAGE_SPACE_USAGE, type StorageFileType } from "../../semconv/index.ts";
import type { SumCell } from "../../src/metrics/cells.ts";
import { hotMetrics } from "../../src/metrics/instruments.ts";
import type { Connection, ConnectionLayer } from "./connection-layer.ts";
import { sizeOf } from "./file.ts";

const usage = hotMetrics.instrument(METRIC_STORAGE_SPACE_USAGE);

/** The files of a database beside each other. */
const SUFFIXES: Readonly<Record<StorageFileType, string>> = { table: "", wal: "-wal" };

interface WatchedFile {
  connections: number;
  readonly cells: ReadonlyMap<StorageFileType, SumCell>;
}

/** The files that are open, by path; several connections share one. */
const files = new Map<string, WatchedFile>();

/** The size of a connection's files, polled while it is open. */
export function spaceLayer({ path, database: { attributes } }: Connection): ConnectionLayer {
  if (path === undefined) return {};
  const types = Object.keys(SUFFIXES) as StorageFileType[];
  const bind = (type: StorageFileType): SumCell => usage.bind({ ...attributes, [ATTR_STORAGE_FILE_TYPE]: type });
  const file = files.get(path) ?? { connections: 0, cells: new Map(types.map((type) => [type, bind(type)])) };
  files.set(path, file);
  file.connections++;
  return {
    closed() {
      if (--file.connections === 0) files.delete(path);
    },
  };
}

hotMetrics.onCollect(() => {
  for (const cell of usage.cells()) cell.value = 0;
  for (const [path, { cells }] of files) {
    for (const [type, cell] of cells) cell.value += sizeOf(path + SUFFIXES[type]) ?? 0;
  }
});
