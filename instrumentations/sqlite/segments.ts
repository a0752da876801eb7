import {
  ATTR_STORAGE_SEARCH_INDEX_NAME,
  ATTR_STORAGE_SEARCH_TYPE,
  METRIC_STORAGE_SEARCH_SEGMENTS,
} from "../../semconv/index.ts";
import { hotMetrics } from "../../src/metrics/instruments.ts";
import type { Connection } from "./connection-layer.ts";
import { isFreeToRead } from "./pages.ts";

const segments = hotMetrics.instrument(METRIC_STORAGE_SEARCH_SEGMENTS);

/** Indexes watched per process; what an application has beyond that is not told. */
const MAX_INDEXES = 100;

/** A full-text index that was used, and who can be asked about it. */
interface UsedIndex {
  readonly name: string;
  readonly connections: Set<Connection>;
}

/** By the path of the database, or by the connection to one without a file. */
const databases = new Map<string | Connection, Map<string, UsedIndex>>();
let used = 0;

/** Has the segments of a full-text index polled as long as one of the connections that used it is open. */
export function watchSegments(connection: Connection, name: string): void {
  const key = connection.path ?? connection;
  const indexes = databases.get(key) ?? new Map<string, UsedIndex>();
  databases.set(key, indexes);
  const index = indexes.get(name);
  if (index !== undefined) index.connections.add(connection);
  else if (used < MAX_INDEXES) {
    indexes.set(name, { name, connections: new Set([connection]) });
    used++;
  }
}

export function unwatchSegments(connection: Connection): void {
  const key = connection.path ?? connection;
  const indexes = databases.get(key);
  for (const { name, connections } of indexes?.values() ?? []) {
    if (!connections.delete(connection) || connections.size > 0) continue;
    indexes!.delete(name);
    used--;
  }
  if (indexes?.size === 0) databases.delete(key);
}

/** From one segment to the next by the key of FTS5's own table of them: counting its rows would read all of it. */
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
  for (const indexes of databases.values()) {
    for (const { name, connections } of indexes.values()) {
      for (const connection of connections) {
        const count = segmentsOf(connection, name);
        if (count === undefined) continue;
        const attributes = { [ATTR_STORAGE_SEARCH_TYPE]: "fulltext", [ATTR_STORAGE_SEARCH_INDEX_NAME]: name } as const;
        segments.bind({ ...connection.database.attributes, ...attributes }).set(count);
        break;
      }
    }
  }
});
