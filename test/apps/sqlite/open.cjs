// Opens a database with the binding that is the first argument of the program.
const binding = process.argv[2];

module.exports = (file, timeout = 0) =>
  binding === "better-sqlite3"
    ? new (require("better-sqlite3"))(file, { timeout })
    : new (require("node:sqlite").DatabaseSync)(file, { timeout });
