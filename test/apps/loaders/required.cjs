"use strict";
// CommonJS, required or imported.
const Database = require("better-sqlite3");
const { DatabaseSync } = require("node:sqlite");

exports.work = function work(way, db) {
  db.exec("CREATE TABLE t (a)");
  const insert = db.prepare("INSERT INTO t VALUES (?)");
  for (let i = 0; i < 5; i++) insert.run(i);
  console.log(way, db.prepare("SELECT count(*) AS n FROM t").get().n);
};
exports.work("required better-sqlite3", new Database(":memory:"));
exports.work("required node:sqlite", new DatabaseSync(":memory:"));
// What a loader gives to CommonJS differs; we take nothing of it, and leave nothing behind.
const cached = Object.values(require.cache ?? {});
const odd = cached.filter((each) => !("value" in Object.getOwnPropertyDescriptor(each, "exports")));
console.log(Object.keys(require).sort().join(), Object.keys(module).join(), odd.length);
