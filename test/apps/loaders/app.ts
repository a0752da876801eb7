// The same with types, which have to be taken away.
import Database from "better-sqlite3";
import { DatabaseSync } from "node:sqlite";
import { work } from "./required.cjs";

type Work = (way: string, db: object) => void;
const typed: Work = work as Work;
typed("imported better-sqlite3", new Database(":memory:"));
typed("imported node:sqlite", new DatabaseSync(":memory:"));
typed("node:sqlite from process", new (process.getBuiltinModule("node:sqlite").DatabaseSync)(":memory:"));
