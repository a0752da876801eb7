// Keeps the locks that `lock-holder.cjs` keeps, with sqlite3.
const { Database } = require("sqlite3");

const [journal, wal] = ["journal.db", "wal.db"].map((file) => new Database(file));
const settled = (call) => new Promise((resolve) => call(resolve));

async function main() {
  for (const db of [journal, wal]) await settled((done) => db.exec("CREATE TABLE kv (k)", done));
  await settled((done) => wal.exec("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; INSERT INTO kv VALUES (1)", done));
  await settled((done) => journal.exec("BEGIN", done));
  await settled((done) => journal.all("SELECT * FROM kv", done));
  console.log("holds its locks");
  globalThis.kept = [journal, wal];
  process.stdin.resume().on("end", () => process.exit());
}
void main();
