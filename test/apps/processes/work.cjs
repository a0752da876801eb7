// Runs a statement as often as is asked for, on a database that stays open.
const Database = require("better-sqlite3");

const db = (globalThis.kept = new Database(":memory:"));

module.exports = (n) => {
  const get = db.prepare("SELECT 1");
  for (let i = 0; i < n; i++) get.get();
};
