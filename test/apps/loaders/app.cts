// The same as CommonJS.
const Database = require("better-sqlite3") as typeof import("better-sqlite3");
const sqlite = require("node:sqlite") as typeof import("node:sqlite");
const { work } = require("./required.cjs") as { work: (way: string, db: object) => void };

work("imported better-sqlite3", new Database(":memory:"));
work("imported node:sqlite", new sqlite.DatabaseSync(":memory:"));
work("node:sqlite from process", new (process.getBuiltinModule("node:sqlite").DatabaseSync)(":memory:"));
