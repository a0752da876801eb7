import { ATTR_STORAGE_FILE_TYPE, METRIC_STORAGE_SPACE_USAGE, type StorageFileType } from "../../semconv/index.ts";
import { Polled, type Collector } from "../../src/instrument/collectors.ts";
import { SharedFile } from "../../src/instrument/thread-claims.ts";
import type { Connection, ConnectionHook } from "./connection-hooks.ts";
import { sizeOf } from "../files/file-stat.ts";
import { fileAt } from "../files/location.ts";
import { PerDatabase } from "./per-database.ts";

/** Suffixes of the files of a database, which lie in one directory. */
const SUFFIXES: Readonly<Partial<Record<StorageFileType, string>>> = { table: "", wal: "-wal" };

/** Files of a database that are polled while it is open. */
interface Files {
  readonly claim: SharedFile;
  readonly polled: Polled;
}

const databases = new PerDatabase<Files>();

/** Polls the file sizes of a connection while it is open. */
export function spaceHook(connection: Connection): ConnectionHook {
  const { path, file } = connection;
  if (path === undefined || file === undefined) return {};
  databases.join(connection, () => {
    const claim = new SharedFile(file);
    return { claim, polled: new Polled(connection.database, fileSizes(path, file), claim) };
  });
  return {
    closed() {
      const files = databases.leave(connection);
      files?.polled.close();
      files?.claim.leave();
    },
  };
}

/**
 * Collects the sizes of the files of a database.
 * @param file identity of the files, distinct from that of others at the same paths
 */
const fileSizes = (path: string, file: string): Collector => ({
  name: "files",
  metrics: [METRIC_STORAGE_SPACE_USAGE],
  collect(set) {
    // The files now at these paths may belong to another database.
    if (fileAt(path) !== file) return;
    for (const [type, suffix] of Object.entries(SUFFIXES))
      set(METRIC_STORAGE_SPACE_USAGE, sizeOf(path + suffix) ?? 0, { [ATTR_STORAGE_FILE_TYPE]: type });
  },
});
