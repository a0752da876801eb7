"use strict";
// Reads a number of tables, and tells what its main thread has used when asked.
const Database = require("better-sqlite3");

const [file, tables] = process.argv.slice(2);
const db = new Database(file);
for (let i = 0; i < Number(tables); i++) {
  const statement = db.prepare(`SELECT * FROM t${i}`);
  for (let n = 0; n < 2; n++) statement.get();
}
require("./main-thread.cjs");
