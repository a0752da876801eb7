// Keeps a lock of each kind: a reader in a rollback journal, a writer in a write-ahead log.
const open = require("./open.cjs");

const journal = open("journal.db");
const wal = open("wal.db");
for (const db of [journal, wal]) db.exec("CREATE TABLE kv (k)");
wal.exec("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; INSERT INTO kv VALUES (1)");
journal.exec("BEGIN");
journal.prepare("SELECT * FROM kv").all();
console.log("holds its locks");
// What is collected is closed.
globalThis.kept = [journal, wal];
process.stdin.resume().on("end", () => process.exit());
