/** The package sqlite3, the statements of which wait for one another without being awaited. */
import { createRequire } from "node:module";
import { join } from "node:path";

const { Database } = createRequire(import.meta.url)("sqlite3");

const settled = (call) => new Promise((resolve) => call((error, result) => resolve(error ?? result)));

async function opened(file) {
  let db;
  await settled((done) => (db = new Database(file, done)));
  return db.configure("busyTimeout", 0).serialize();
}

export async function exercise(folder) {
  const file = join(folder, "shop.db");
  const [db, other] = await Promise.all([opened(file), opened(file)]);
  db.run("PRAGMA journal_mode = WAL");
  db.run("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE)");
  db.run("CREATE VIRTUAL TABLE item_fts USING fts5(name)");
  const insert = db.prepare("INSERT INTO item (name) VALUES (?)");

  db.run("BEGIN IMMEDIATE");
  for (const name of ["anchor", "secret-bowline", "cleat"]) insert.run(name);
  db.run("COMMIT");
  db.run("BEGIN");
  insert.run("given up");
  db.run("ROLLBACK");
  insert.run("anchor", () => {});
  insert.finalize();
  for (let id = 1; id <= 3; id++) db.get("SELECT name FROM item WHERE id = ?", id);

  // Another connection holds the lock.
  await settled((done) => db.wait(done));
  await settled((done) => other.run("BEGIN IMMEDIATE", done));
  await settled((done) => db.run("BEGIN IMMEDIATE", done));
  other.run("ROLLBACK");
  await settled((done) => other.close(done));

  for (const text of ["deep water", "shallow water"]) db.run("INSERT INTO item_fts VALUES (?)", text);
  db.all("SELECT name FROM item_fts WHERE item_fts MATCH ?", "water");
  db.each("SELECT name FROM item_fts WHERE item_fts MATCH ?", "nothing", () => {});

  db.run("PRAGMA wal_checkpoint(TRUNCATE)");
  db.run("VACUUM");
  db.run(`VACUUM INTO '${join(folder, "copy.db")}'`);
  const slow =
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT max(i) AS top FROM n";
  await settled((done) => db.get(slow, done));
  const backup = db.backup(join(folder, "backup.db"));
  backup.step(-1);
  await settled((done) => backup.finish(done));
  await settled((done) => db.close(done));
  return {
    system: "sqlite",
    namespace: "shop",
    operations: { "SELECT item": 3, "INSERT item": 5 },
    failure: { summary: "INSERT item", type: "SQLITE_CONSTRAINT" },
    slow: { summary: "SELECT SELECT SELECT", isAsynchronous: true },
    transactions: { commit: 1, rollback: 2, conflict: 1 },
    flushes: 0,
    checkpoints: 1,
    snapshots: 2,
    compactions: 1,
    searches: 2,
    results: 2,
    secrets: ["secret-bowline"],
  };
}
