// Opens a database with the binding that is the first argument of the program.
const binding = process.argv[2];

const OPEN = {
  "better-sqlite3": (file, timeout) => new (require("better-sqlite3"))(file, { timeout }),
  libsql: (file, timeout) => new (require("libsql"))(file, { timeout }),
  "node-sqlite": (file, timeout) => new (require("node:sqlite").DatabaseSync)(file, { timeout }),
};

module.exports = (file, timeout = 0) => OPEN[binding](file, timeout);
