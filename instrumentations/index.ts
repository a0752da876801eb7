import type { Engine } from "../src/instrument/definition.ts";
import { betterSqlite3 } from "./better-sqlite3/index.ts";
import { nodeSqlite } from "./node-sqlite/index.ts";

/** All engines, in alphabetical order. */
export const engines: readonly Engine[] = [betterSqlite3, nodeSqlite];
