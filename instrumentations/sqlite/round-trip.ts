import { join } from "node:path";
import { openOwn } from "../../src/instrument/own-databases.ts";
import type { OwnDatabase } from "../../src/instrument/round-trip.ts";

interface Statement {
  run(...values: readonly string[]): unknown;
  get(...values: readonly string[]): unknown;
}

/** What both drivers have. */
interface Db {
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
  close(): unknown;
}

export type DatabaseClass = new (path: string) => Db;

/** Opens a database of ours in SQLite. It syncs its file at each commit, of which there are two: a `set`, and a `delete`. */
export function openOwnSqlite(Database: DatabaseClass, folder: string): OwnDatabase {
  const db = openOwn(() => new Database(join(folder, "probe.db")));
  db.exec(`
    PRAGMA journal_mode = MEMORY;
    PRAGMA synchronous = FULL;
    BEGIN;
    CREATE TABLE probe (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
  `);
  return {
    set(key, value) {
      db.prepare("INSERT INTO probe VALUES (?, ?)").run(key, value);
      db.exec("COMMIT");
    },
    get: (key) =>
      (db.prepare("SELECT value FROM probe WHERE key = ?").get(key) as { value?: unknown } | undefined)?.value,
    delete: (key) => db.prepare("DELETE FROM probe WHERE key = ?").run(key),
    close: () => db.close(),
  };
}
