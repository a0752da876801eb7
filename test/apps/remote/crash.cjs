// Leaves what a crash leaves: writes, and is killed before the log is checkpointed.
const { DatabaseSync } = require("node:sqlite");

const db = new DatabaseSync("dictionary.db");
db.exec("PRAGMA journal_mode = WAL; CREATE TABLE words (word); INSERT INTO words VALUES (1)");
process.kill(process.pid, "SIGKILL");
