import {
  ATTR_STORAGE_SPACE_STATE,
  METRIC_STORAGE_SPACE_ALLOCATED,
  type StorageSpaceState,
} from "../../semconv/index.ts";
import type { Instance } from "../../src/recording/instance.ts";
import { inspectable } from "../../src/instrument/space-report.ts";
import { Polled, type Collector } from "../../src/instrument/collectors.ts";
import { SharedFile } from "../../src/instrument/thread-claims.ts";
import type { Connection, ConnectionHook } from "./connection-hooks.ts";
import { objectsOf } from "./dbstat.ts";
import { hasLog, sizeOf } from "../files/file-stat.ts";
import { PerDatabase } from "./per-database.ts";

/** Bytes of a database's pages, by state. */
type Pages = Readonly<Record<Exclude<StorageSpaceState, "obsolete">, number>>;

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

/** Open databases, each with the poll of its pages. */
const databases = new PerDatabase<{ readonly attributes: Instance["attributes"]; readonly polled: Polled }>();

/** Collects the pages of a database; while it cannot be asked, those of the last answer. */
function pageUsage(connections: () => Iterable<Connection>): Collector {
  let pages: Pages | undefined;
  return {
    name: "pages",
    metrics: [METRIC_STORAGE_SPACE_ALLOCATED],
    collect(set) {
      pages = firstOf(connections(), askPages) ?? pages;
      if (pages === undefined) return;
      for (const state of ["live", "free"] as const)
        set(METRIC_STORAGE_SPACE_ALLOCATED, pages[state], { [ATTR_STORAGE_SPACE_STATE]: state });
    },
  };
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
  const usage = pageUsage(() => databases.connectionsOf(connection));
  databases.join(connection, () => ({
    attributes: database.attributes,
    polled: new Polled(database, usage, file === undefined ? undefined : new SharedFile(file)),
  }));
  return { closed: () => databases.leave(connection)?.polled.close() };
}
