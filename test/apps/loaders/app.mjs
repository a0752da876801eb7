// Each way to a module in one process: 5 INSERTs for each of the five.
import Database from "better-sqlite3";
import { DatabaseSync } from "node:sqlite";
import { work } from "./required.cjs";

work("imported better-sqlite3", new Database(":memory:"));
work("imported node:sqlite", new DatabaseSync(":memory:"));
work("node:sqlite from process", new (process.getBuiltinModule("node:sqlite").DatabaseSync)(":memory:"));
