// Ends by an exception of a callback that the native code of an engine has called.
"use strict";
const { open } = require("lmdb");
const { fresh } = require("./lib.cjs");

const db = open(fresh("throws"), { overlappingSync: false });
db.putSync("a", 1);
void db.prefetch(["a"], () => {
  throw new Error("of the application");
});
