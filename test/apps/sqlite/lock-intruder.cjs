// Tries to take the locks that lock-holder.cjs keeps, and says what comes of it.
const open = require("./open.cjs");

for (const [file, sql] of [
  ["journal.db", "BEGIN EXCLUSIVE"],
  ["wal.db", "BEGIN IMMEDIATE"],
]) {
  try {
    open(file).exec(sql);
    console.log(file, "locked");
  } catch (error) {
    console.log(file, error.message);
  }
}
