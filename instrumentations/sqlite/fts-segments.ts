import {
  ATTR_STORAGE_SEARCH_INDEX_NAME,
  ATTR_STORAGE_SEARCH_TYPE,
  METRIC_STORAGE_SEARCH_SEGMENTS,
} from "../../semconv/index.ts";
import { Polled, type Collector } from "../../src/instrument/collectors.ts";
import type { Connection } from "./connection-hooks.ts";
import { isFreeToRead } from "./page-usage.ts";
import { PerDatabase } from "./per-database.ts";

/** Maximum number of indexes polled per process; further ones are not reported. */
const MAX_INDEXES = 100;

/** Indexes of a database that were used, each with its last segment count. */
interface Indexes {
  readonly segments: Map<string, number | undefined>;
  readonly polled: Polled;
}

const databases = new PerDatabase<Indexes>();
let used = 0;

/** Polls the segment count of a full-text index while a connection is open that used an index of the database. */
export function watchSegments(connection: Connection, name: string): void {
  const { segments } = databases.join(connection, () => poll(connection));
  if (segments.has(name) || used >= MAX_INDEXES) return;
  segments.set(name, undefined);
  used++;
}

export function unwatchSegments(connection: Connection): void {
  const indexes = databases.leave(connection);
  used -= indexes?.segments.size ?? 0;
  indexes?.polled.close();
}

function poll(connection: Connection): Indexes {
  const segments: Indexes["segments"] = new Map();
  const collector: Collector = {
    name: "segments",
    metrics: [METRIC_STORAGE_SEARCH_SEGMENTS],
    collect(set) {
      for (const [name, last] of segments) {
        const count = countSegments(databases.connectionsOf(connection), name) ?? last;
        segments.set(name, count);
        if (count !== undefined)
          set(METRIC_STORAGE_SEARCH_SEGMENTS, count, {
            [ATTR_STORAGE_SEARCH_TYPE]: "fulltext",
            [ATTR_STORAGE_SEARCH_INDEX_NAME]: name,
          });
      }
    },
  };
  return { segments, polled: new Polled(connection.database, collector, undefined) };
}

/** Returns the segment count from the first connection that can provide it. */
function countSegments(connections: Iterable<Connection>, name: string): number | undefined {
  for (const connection of connections) {
    const count = segmentsOf(connection, name);
    if (count !== undefined) return count;
  }
  return undefined;
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
