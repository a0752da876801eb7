import { ATTR_STORAGE_FILE_TYPE, METRIC_STORAGE_SPACE_USAGE, type StorageFileType } from "../../semconv/index.ts";
import type { SumCell } from "../../src/metrics/cells.ts";
import { hotMetrics } from "../../src/metrics/instruments.ts";
import { SharedFile } from "../../src/threads/files.ts";
import type { Connection, ConnectionLayer } from "./connection-layer.ts";
import { sizeOf } from "./file.ts";
import { Shared } from "./shared.ts";

const usage = hotMetrics.instrument(METRIC_STORAGE_SPACE_USAGE);

/** The files of a database beside each other. */
const SUFFIXES: Readonly<Record<StorageFileType, string>> = { table: "", wal: "-wal" };

/** The files of a database, each with its series. */
interface Files {
  readonly path: string;
  readonly file: SharedFile;
  readonly cells: readonly (readonly [StorageFileType, SumCell])[];
}

const databases = new Shared<Files>();

/** The size of a connection's files, polled while it is open. */
export function spaceLayer(connection: Connection): ConnectionLayer {
  const { path } = connection;
  if (path === undefined) return {};
  const { attributes } = connection.database;
  const bind = (type: StorageFileType): SumCell => usage.bind({ ...attributes, [ATTR_STORAGE_FILE_TYPE]: type });
  const types = Object.keys(SUFFIXES) as StorageFileType[];
  databases.join(connection, () => ({
    path,
    file: new SharedFile(path),
    cells: types.map((type) => [type, bind(type)]),
  }));
  return { closed: () => databases.leave(connection)?.file.leave() };
}

hotMetrics.onCollect(() => {
  for (const cell of usage.cells()) cell.value = 0;
  for (const { value } of databases.entries()) {
    if (!value.file.isOurs()) continue;
    for (const [type, cell] of value.cells) cell.value += sizeOf(value.path + SUFFIXES[type]) ?? 0;
  }
});
