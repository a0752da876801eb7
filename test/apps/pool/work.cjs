// Runs a statement as often as is asked for; each thread has a connection of its own.
const { isMainThread, workerData } = require("node:worker_threads");
const Database = require("better-sqlite3");

const db = new Database(isMainThread ? ":memory:" : (workerData.file ?? ":memory:"));
// What is collected is closed.
globalThis.kept = db;
const get = db.prepare("SELECT 1");

exports.db = db;
exports.work = (n) => {
  for (let i = 0; i < n; i++) get.get();
};
