import { defineEngine, type Engine } from "../../src/instrument/definition.ts";
import { patch } from "./patch.ts";

/** node:sqlite: SQLite built into Node.js, synchronous, one connection a `DatabaseSync`. */
export const nodeSqlite: Engine = defineEngine({
  id: "node-sqlite",
  system: "sqlite",
  module: "node:sqlite",
  versions: ["22.15.0", "27.0.0"],
  supports: { transactions: true, savepoints: true, iterators: true },
  patch,
});
