// Uses ten thousand tables, a few in each database: with all in one, SQLite takes half a minute. The databases stay open: the
// series of one that is collected go.
const Database = require("better-sqlite3");
const databases = Array.from({ length: 400 }, () => new Database(":memory:"));
for (let i = 0; i < 10_000; i++) {
  const db = databases[Math.floor(i / 25)];
  db.exec("CREATE TABLE t" + i + " (x)");
  db.prepare("SELECT x FROM t" + i).get();
}
console.log("done");
process.stdin.resume().on("end", () => databases.forEach((db) => db.close()));
