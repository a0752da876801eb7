import { now } from "../../src/runtime/clock.ts";
import { locate, type Location } from "../files/location.ts";
import { SqliteConnection } from "../sqlite/connection.ts";
import type { Db } from "./types.ts";

const OPEN_READONLY = 1;

/** Names of databases without a file; a URI is one if the application opens it as such. */
const IN_MEMORY = /^$|^:memory:$|^file:(?::memory:|.*[?&]mode=memory)/;

const connections = new WeakMap<Db, SqliteConnection<Db>>();

/**
 * Returns the connection of a database; undefined before it is open, as its file may not exist yet, or if the method was
 * called on another object.
 */
export function connectionOf(db: Db | undefined): SqliteConnection<Db> | undefined {
  if (typeof db?.filename !== "string") return undefined;
  const known = connections.get(db);
  if (known !== undefined || !db.open) return known;
  const connection = new SqliteConnection(db, {
    location: locationOf(db),
    isReadOnly: (db.mode & OPEN_READONLY) !== 0,
    isPlanned: () => false,
    isAsynchronous: true,
  });
  connections.set(db, connection);
  return connection;
}

const locationOf = ({ filename }: Db): Location | undefined =>
  IN_MEMORY.test(filename) ? undefined : locate(filename);

/** Records that a database was closed. Its connection stays: what is called afterwards fails. */
export function closed(db: Db): void {
  connections.get(db)?.closed(now());
}
