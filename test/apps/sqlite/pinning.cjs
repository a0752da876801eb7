// Writes while one of its iterations stays open, until it gets a line; ends when its standard input does.
const Database = require("better-sqlite3");

const writer = new Database("pinned.db");
writer.pragma("journal_mode = WAL");
writer.exec("CREATE TABLE blobs (id INTEGER PRIMARY KEY, data BLOB)");
const insert = writer.prepare("INSERT INTO blobs (data) VALUES (zeroblob(1048576))");
insert.run();
insert.run();
const reader = new Database("pinned.db");
const open = reader.prepare("SELECT id FROM blobs").iterate();
open.next();
for (let i = 0; i < 80; i++) insert.run();
console.log("pinned");
process.stdin.once("data", () => {
  open.return();
  writer.pragma("wal_checkpoint(TRUNCATE)");
  console.log("released");
});
process.stdin.once("end", () => process.exit());
