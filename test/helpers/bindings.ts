/** The bindings of SQLite, as programs of `test/apps` take them for an argument. */
export const BINDINGS = ["better-sqlite3", "node-sqlite"] as const;
