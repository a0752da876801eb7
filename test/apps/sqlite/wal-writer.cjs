// Writes enough for checkpoints, and ends.
const open = require("./open.cjs");

const db = open("app.db");
db.exec("PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS words (id INTEGER PRIMARY KEY, word)");
for (let i = 0; i < 100; i++) db.exec("INSERT INTO words (word) VALUES (zeroblob(8000))");
