// Uses ten thousand tables, a few in each database: with all in one, SQLite takes half a minute.
const Database = require("better-sqlite3");
for (let i = 0, db; i < 10_000; i++) {
  if (i % 25 === 0) db = new Database(":memory:");
  db.exec("CREATE TABLE t" + i + " (x)");
  db.prepare("SELECT x FROM t" + i).get();
}
console.log("done");
process.stdin.resume();
