"use strict";
// An error that nobody handles, thrown where sqlite3 calls the application, or emitted since nobody else gets it.
const { Database } = require("sqlite3");
const [, , where] = process.argv;

function deep(levels) {
  if (levels === 0) throw new Error("deep");
  deep(levels - 1);
}

const WAYS = {
  run: (db) => db.run("SELECT 1", () => deep(2)),
  deep: (db) => db.all("SELECT 1", () => deep(12)),
  exec: (db) => db.exec("SELECT 1", () => deep(2)),
  prepare: (db) => db.prepare("SELECT 1", () => deep(2)),
  close: (db) => db.close(() => deep(2)),
  "emitted by a statement": (db) => db.run("SELEKT"),
  "emitted by a database": (db) => db.exec("SELEKT"),
};

const db = new Database(":memory:", () => WAYS[where](db));
