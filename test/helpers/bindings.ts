/** Bindings of SQLite, named as in the arguments of programs of `test/apps`. */
export const BINDINGS = ["better-sqlite3", "node-sqlite"] as const;

/** Those and others that programs use in the same form. */
export const ALIKE = [...BINDINGS, "libsql"] as const;
