import type { OpenOwnDatabase } from "../../src/instrument/round-trip.ts";
import { openOwnSqlite, type DatabaseClass } from "../sqlite/round-trip.ts";

/** Opens a database of ours with the module of Node.js. */
export const openOwn: OpenOwnDatabase = (module, folder) =>
  openOwnSqlite((module as { DatabaseSync: DatabaseClass }).DatabaseSync, folder);
