import {
  ATTR_STORAGE_SEARCH_INDEX_NAME,
  ATTR_STORAGE_SEARCH_TYPE,
  METRIC_STORAGE_SEARCH_SEGMENTS,
} from "../../semconv/index.ts";
import { hotMetrics } from "../../src/metrics/registry.ts";
import type { Connection } from "./connection-hooks.ts";
import { isFreeToRead } from "./page-usage.ts";
import { Shared } from "./per-database.ts";

const segments = hotMetrics.instrument(METRIC_STORAGE_SEARCH_SEGMENTS);

/** Maximum number of indexes polled per process; further ones are not reported. */
const MAX_INDEXES = 100;

/** Names of the indexes of each database that were used. */
const databases = new Shared<Set<string>>();
let used = 0;

/** Polls the segment count of a full-text index while a connection is open that used an index of the database. */
export function watchSegments(connection: Connection, name: string): void {
  const names = databases.join(connection, () => new Set());
  if (names.has(name) || used >= MAX_INDEXES) return;
  names.add(name);
  used++;
}

export function unwatchSegments(connection: Connection): void {
  used -= databases.leave(connection)?.size ?? 0;
}

/**
 * Counts the segments by seeking from one to the next by the key of FTS5's segment table: counting its rows would read
 * the complete table.
 */
function segmentsOf(connection: Connection, name: string): number | undefined {
  if (!isFreeToRead(connection)) return undefined;
  const table = `main."${name.replaceAll('"', '""')}_idx"`;
  const count = connection.query(`
    WITH RECURSIVE segment (id) AS (
      SELECT min(segid) FROM ${table}
      UNION ALL SELECT (SELECT min(segid) FROM ${table} WHERE segid > id) FROM segment WHERE id IS NOT NULL
    ) SELECT count(id) FROM segment`)?.[0]?.[0];
  return count === undefined ? undefined : Number(count);
}

hotMetrics.onCollect(() => {
  for (const { value: names, connections } of databases.entries()) {
    for (const name of names) report(name, connections);
  }
});

/** Reports the segment count from the first connection that can provide it. */
function report(name: string, connections: ReadonlySet<Connection>): void {
  for (const connection of connections) {
    const count = segmentsOf(connection, name);
    if (count === undefined) continue;
    const attributes = { [ATTR_STORAGE_SEARCH_TYPE]: "fulltext", [ATTR_STORAGE_SEARCH_INDEX_NAME]: name } as const;
    segments.bind({ ...connection.database.attributes, ...attributes }).set(count);
    return;
  }
}
