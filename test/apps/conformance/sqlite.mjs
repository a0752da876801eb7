/** SQLite through one of its bindings. */
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(import.meta.url);

const OPEN = {
  "better-sqlite3": (file, options) => new (require("better-sqlite3"))(file, options),
  libsql: (file, options) => new (require("libsql"))(file, options),
  "node-sqlite": (file, options) => new (require("node:sqlite").DatabaseSync)(file, options),
};

const attempt = (code) => {
  try {
    code();
  } catch {
    // Counted by its error type.
  }
};

export async function exercise(folder, binding) {
  const file = join(folder, "shop.db");
  const db = OPEN[binding](file, { timeout: 0 });
  db.exec("PRAGMA journal_mode = WAL");
  db.exec("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE)");
  db.exec("CREATE VIRTUAL TABLE item_fts USING fts5(name)");
  const insert = db.prepare("INSERT INTO item (name) VALUES (?)");
  const find = db.prepare("SELECT name FROM item WHERE id = ?");

  db.exec("BEGIN IMMEDIATE");
  for (const name of ["anchor", "secret-bowline", "cleat"]) insert.run(name);
  db.exec("COMMIT");
  db.exec("BEGIN");
  insert.run("given up");
  db.exec("ROLLBACK");
  attempt(() => insert.run("anchor"));
  for (let id = 1; id <= 3; id++) find.get(id);

  // Another connection holds the lock.
  const other = OPEN[binding](file, { timeout: 0 });
  other.exec("BEGIN IMMEDIATE");
  attempt(() => db.exec("BEGIN IMMEDIATE"));
  other.exec("ROLLBACK");
  other.close();

  const addText = db.prepare("INSERT INTO item_fts VALUES (?)");
  for (const text of ["deep water", "shallow water"]) addText.run(text);
  const search = db.prepare("SELECT name FROM item_fts WHERE item_fts MATCH ?");
  search.all("water");
  search.all("nothing");

  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  db.exec("VACUUM");
  db.exec(`VACUUM INTO '${join(folder, "copy.db")}'`);
  const slow = db.prepare(
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT max(i) AS top FROM n",
  );
  slow.get();
  db.close();
  return {
    system: "sqlite",
    namespace: "shop",
    operations: { "SELECT item": 3, "INSERT item": 5 },
    failure: { summary: "INSERT item", type: "SQLITE_CONSTRAINT_UNIQUE" },
    slow: { summary: "SELECT SELECT SELECT", isAsynchronous: false },
    transactions: { commit: 1, rollback: 2, conflict: 1 },
    flushes: 0,
    checkpoints: 1,
    snapshots: 1,
    compactions: 1,
    searches: 2,
    results: 2,
    secrets: ["secret-bowline"],
  };
}
