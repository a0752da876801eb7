import {
  ATTR_STORAGE_SPACE_STATE,
  METRIC_STORAGE_SPACE_ALLOCATED,
  type StorageSpaceState,
} from "../../semconv/index.ts";
import type { Instance } from "../../src/recording/instance.ts";
import { inspectable } from "../../src/instrument/space-report.ts";
import { hotMetrics } from "../../src/metrics/registry.ts";
import { SharedFile } from "../../src/instrument/thread-claims.ts";
import type { Connection, ConnectionHook } from "./connection-hooks.ts";
import { objectsOf } from "./dbstat.ts";
import { hasLog, sizeOf } from "./file-stat.ts";
import { Shared } from "./per-database.ts";

const allocated = hotMetrics.instrument(METRIC_STORAGE_SPACE_ALLOCATED);

/** Bytes of a database's pages, by state. */
type Pages = Readonly<Record<StorageSpaceState, number>>;

const QUERY = `SELECT page_size, page_count, freelist_count
  FROM pragma_page_size, pragma_page_count, pragma_freelist_count`;

/**
 * Tells whether an internal query would neither wait for a lock, nor block a writer as it would with a rollback
 * journal, nor become part of a transaction of the application.
 */
export function isFreeToRead(connection: Connection): boolean {
  const { path } = connection;
  return (path === undefined || hasLog(path)) && !connection.inTransaction();
}

function askPages(connection: Connection): Pages | undefined {
  const row = connection.query(QUERY)?.[0];
  if (row === undefined) return undefined;
  const [size, count, free] = row.map(Number) as [number, number, number];
  return { live: (count - free) * size, free: free * size };
}

/**
 * Returns the size of a database in bytes: with a rollback journal it is the size of the file, otherwise SQLite is
 * asked.
 */
export function databaseSize(connection: Connection): number | undefined {
  const { path } = connection;
  if (path !== undefined && !hasLog(path)) return sizeOf(path);
  const pages = isFreeToRead(connection) ? askPages(connection) : undefined;
  return pages && pages.live + pages.free;
}

/** Pages of a database when they were last available. */
interface Reported {
  readonly attributes: Instance["attributes"];
  readonly file: SharedFile | undefined;
  pages: Pages | undefined;
}

const databases = new Shared<Reported>();

hotMetrics.onCollect(() => {
  for (const cell of allocated.cells()) cell.value = 0;
  for (const { value: reported, connections } of databases.entries()) {
    if (reported.file?.isOurs() === false) continue;
    reported.pages = firstOf(connections, askPages) ?? reported.pages;
    if (reported.pages !== undefined) report(reported.attributes, reported.pages);
  }
});

function report(attributes: Instance["attributes"], pages: Pages): void {
  for (const state of ["live", "free"] as const) {
    allocated.bind({ ...attributes, [ATTR_STORAGE_SPACE_STATE]: state }).add(pages[state]);
  }
}

inspectable(() =>
  Array.from(databases.entries(), ({ value: { attributes }, connections }) => ({
    attributes,
    inspect: () => firstOf(connections, objectsOf),
  })),
);

/** Returns the answer of the first connection that can provide one. */
function firstOf<T>(connections: Iterable<Connection>, ask: (connection: Connection) => T | undefined): T | undefined {
  for (const connection of connections) {
    const reported = isFreeToRead(connection) ? ask(connection) : undefined;
    if (reported !== undefined) return reported;
  }
  return undefined;
}

/** Polls the pages of a connection's database. */
export function pagesHook(connection: Connection): ConnectionHook {
  const { file, database } = connection;
  databases.join(connection, () => ({
    attributes: database.attributes,
    file: file === undefined ? undefined : new SharedFile(file),
    pages: undefined,
  }));
  return { closed: () => void databases.leave(connection) };
}
