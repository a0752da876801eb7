// Fills the log without a checkpoint. Says at its end whether the database file is as it was, and how long the log is.
const { statSync } = require("node:fs");
const open = require("./open.cjs");

const db = open("app.db");
db.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a)");
const modified = () => statSync("app.db", { bigint: true }).mtimeNs;
const before = modified();
for (let i = 0; i < 200; i++) db.exec("INSERT INTO t VALUES (zeroblob(5000))");
console.log("filled");
// What is collected is closed.
globalThis.kept = db;
process.stdin.resume().on("end", () => {
  console.log(modified() === before, statSync("app.db-wal").size);
  process.exit();
});
