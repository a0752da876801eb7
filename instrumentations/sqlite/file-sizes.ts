import { ATTR_STORAGE_FILE_TYPE, METRIC_STORAGE_SPACE_USAGE, type StorageFileType } from "../../semconv/index.ts";
import type { SumCell } from "../../src/metrics/series.ts";
import { hotMetrics } from "../../src/metrics/registry.ts";
import { SharedFile } from "../../src/instrument/thread-claims.ts";
import type { Connection, ConnectionHook } from "./connection-hooks.ts";
import { sizeOf } from "./file-stat.ts";
import { fileAt } from "./location.ts";
import { Shared } from "./per-database.ts";

const usage = hotMetrics.instrument(METRIC_STORAGE_SPACE_USAGE);

/** Suffixes of the files of a database, which lie in one directory. */
const SUFFIXES: Readonly<Record<StorageFileType, string>> = { table: "", wal: "-wal" };

/** Files of a database, each with its series. */
interface Files {
  readonly path: string;
  /** Identity of the files, distinct from that of others at the same paths. */
  readonly name: string;
  readonly file: SharedFile;
  readonly cells: readonly (readonly [StorageFileType, SumCell])[];
}

const databases = new Shared<Files>();

/** Polls the file sizes of a connection while it is open. */
export function spaceHook(connection: Connection): ConnectionHook {
  const { path, file } = connection;
  if (path === undefined || file === undefined) return {};
  const { attributes } = connection.database;
  const bind = (type: StorageFileType): SumCell => usage.bind({ ...attributes, [ATTR_STORAGE_FILE_TYPE]: type });
  const types = Object.keys(SUFFIXES) as StorageFileType[];
  databases.join(connection, () => ({
    path,
    name: file,
    file: new SharedFile(file),
    cells: types.map((type) => [type, bind(type)]),
  }));
  return { closed: () => databases.leave(connection)?.file.leave() };
}

hotMetrics.onCollect(() => {
  for (const cell of usage.cells()) cell.value = 0;
  for (const { value } of databases.entries()) {
    // The files now at these paths may belong to another database.
    if (!value.file.isOurs() || fileAt(value.path) !== value.name) continue;
    for (const [type, cell] of value.cells) cell.value += sizeOf(value.path + SUFFIXES[type]) ?? 0;
  }
});
