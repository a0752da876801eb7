import type { Connection } from "./connection-hooks.ts";

/** Something of a database, and the connections to it that are open. */
interface Entry<T> {
  readonly value: T;
  readonly connections: Set<Connection>;
}

/** What the connections to one database have in common: by its file, or by the connection to one without. */
export class Shared<T> {
  readonly #all = new Map<string | Connection, Entry<T>>();

  /** @param create makes it for the first of the connections */
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

  /** @returns what they had in common, if it was the last of the connections that had joined */
  leave(connection: Connection): T | undefined {
    const key = keyOf(connection);
    const entry = this.#all.get(key);
    if (entry?.connections.delete(connection) !== true || entry.connections.size > 0) return undefined;
    this.#all.delete(key);
    return entry.value;
  }

  entries(): Iterable<Entry<T>> {
    return this.#all.values();
  }
}

const keyOf = (connection: Connection): string | Connection => connection.file ?? connection;
