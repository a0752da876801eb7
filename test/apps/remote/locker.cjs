// Has the database for itself until its standard input ends, and is killed then.
const { DatabaseSync } = require("node:sqlite");

const db = new DatabaseSync("dictionary.db");
db.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
console.log("locked");
process.stdin.resume().on("end", () => {
  db.exec("ROLLBACK");
  process.kill(process.pid, "SIGKILL");
});
