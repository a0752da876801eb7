// Uses all that both bindings have: statements, scripts, transactions by hand, conflicts, failures, upkeep.
const { trace } = require("@opentelemetry/api");
const open = require("./open.cjs");

const attempt = (call) => {
  try {
    call();
    console.log("no error");
  } catch (error) {
    console.log(error.message);
  }
};
const db = open("app.db");
const other = open("app.db");
trace.getTracer("app").startActiveSpan("request", (span) => {
  db.exec("PRAGMA journal_mode = WAL; CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT UNIQUE)");
  const insert = db.prepare("INSERT INTO kv VALUES (?, ?)");
  const get = db.prepare("SELECT v FROM kv WHERE k = ?");
  console.log(Number(insert.run(1, "one").changes), get.get(1).v, get.get(2));
  db.exec("BEGIN IMMEDIATE");
  for (let k = 2; k < 40; k++) insert.run(k, "v" + k);
  db.exec("COMMIT");
  db.exec("BEGIN");
  insert.run(50, "x");
  db.exec("ROLLBACK");
  db.exec(
    "BEGIN; INSERT INTO kv VALUES (60, 'sixty'); SAVEPOINT s; DELETE FROM kv WHERE k = 60; ROLLBACK TO s; RELEASE s; COMMIT",
  );
  db.exec("SAVEPOINT a");
  insert.run(61, "y");
  db.exec("SAVEPOINT b");
  db.exec("RELEASE b");
  db.exec("RELEASE a");
  db.exec("BEGIN");
  attempt(() => insert.run(1, "again"));
  db.exec("COMMIT");
  db.exec("BEGIN");
  attempt(() => db.exec("INSERT OR ROLLBACK INTO kv VALUES (1, 'z')"));
  attempt(() => db.exec("COMMIT"));
  attempt(() => insert.run(70, "one"));
  attempt(() => db.prepare("SELEKT"));
  other.exec("BEGIN IMMEDIATE");
  attempt(() => db.exec("BEGIN IMMEDIATE"));
  attempt(() => insert.run(80, "locked"));
  other.exec("ROLLBACK");
  db.exec("BEGIN");
  get.get(1);
  other.exec("INSERT INTO kv VALUES (90, 'other')");
  attempt(() => insert.run(91, "stale"));
  db.exec("ROLLBACK");
  console.log(Array.from(db.prepare("SELECT k FROM kv").iterate()).length);
  for (const row of db.prepare("SELECT k FROM kv ORDER BY k").iterate()) {
    console.log(row.k);
    break;
  }
  db.prepare("CREATE TABLE later (a)").run();
  db.prepare("DELETE FROM kv WHERE k > ?").run(30);
  console.log(db.prepare("SELECT count(*) AS n FROM kv").all()[0].n);
  db.exec("CREATE TABLE wide (a)");
  db.exec("INSERT INTO wide VALUES (zeroblob(100000))");
  db.exec("DROP TABLE wide");
  db.exec("PRAGMA auto_vacuum = INCREMENTAL; VACUUM");
  db.exec("PRAGMA incremental_vacuum");
  db.exec("VACUUM INTO 'copy.db'");
  attempt(() => db.exec("VACUUM INTO 'copy.db'"));
  span.end();
});
db.exec("BEGIN");
db.close();
other.close();
