/** Bindings of SQLite, named as in the arguments of programs of `test/apps`. */
export const BINDINGS = ["better-sqlite3", "node-sqlite"] as const;
