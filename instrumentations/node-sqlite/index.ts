import { defineEngine, type Engine } from "../../src/instrument/definition.ts";
import { patch } from "./patch.ts";

/** Engine for node:sqlite, the synchronous SQLite built into Node.js; one connection per `DatabaseSync`. */
export const nodeSqlite: Engine = defineEngine({
  id: "node-sqlite",
  system: "sqlite",
  module: "node:sqlite",
  versions: ["22.15.0", "27.0.0"],
  supports: { transactions: true, savepoints: true, iterators: true },
  patch,
});
