import type { Connection } from "./connection-hooks.ts";

/** Value shared by the open connections to a database. */
interface Entry<T> {
  readonly value: T;
  readonly connections: Set<Connection>;
}

/** Values shared by the connections to one database, keyed by its file, or by the connection if it has no file. */
export class PerDatabase<T> {
  readonly #all = new Map<string | Connection, Entry<T>>();

  /**
   * Adds a connection and returns the shared value.
   * @param create creates the value for the first connection
   */
  join(connection: Connection, create: () => T): T {
    const key = keyOf(connection);
    let entry = this.#all.get(key);
    if (entry === undefined) {
      entry = { value: create(), connections: new Set() };
      this.#all.set(key, entry);
    }
    entry.connections.add(connection);
    return entry.value;
  }

  /**
   * Removes a connection.
   * @returns the shared value, if this was the last connection
   */
  leave(connection: Connection): T | undefined {
    const key = keyOf(connection);
    const entry = this.#all.get(key);
    if (entry?.connections.delete(connection) !== true || entry.connections.size > 0) return undefined;
    this.#all.delete(key);
    return entry.value;
  }

  /** Returns the connections to the database of a connection. */
  connectionsOf(connection: Connection): Iterable<Connection> {
    return this.#all.get(keyOf(connection))?.connections ?? [];
  }

  entries(): Iterable<Entry<T>> {
    return this.#all.values();
  }
}

const keyOf = (connection: Connection): string | Connection => connection.file ?? connection;
