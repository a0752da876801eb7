import type { InspectedObject } from "../../src/instrument/space-report.ts";
import type { Connection } from "./connection-hooks.ts";

/** With `aggregate`, SQLite sums up the pages of each object: https://sqlite.org/dbstat.html */
const QUERY = "SELECT name, pageno, pgsize, unused FROM dbstat WHERE aggregate = TRUE";

/**
 * Reads every page of a database.
 * @returns undefined if SQLite was built without the table, as in Node.js 22
 */
export function objectsOf(connection: Connection): InspectedObject[] | undefined {
  return connection.query(QUERY)?.map(([name, pages, bytes, unusedBytes]) => ({
    name: String(name),
    pages: Number(pages),
    bytes: Number(bytes),
    unusedBytes: Number(unusedBytes),
  }));
}
