import type { OpenOwnDatabase } from "../../src/instrument/round-trip.ts";
import { openOwnSqlite, type DatabaseClass } from "../sqlite/round-trip.ts";

const isDatabaseClass = (module: unknown): module is DatabaseClass =>
  typeof module === "function" &&
  typeof (module.prototype as { prepare?: unknown } | undefined)?.prepare === "function";

/** Opens a database of ours with the class that the application has. */
export const openOwn: OpenOwnDatabase = (module, folder) =>
  isDatabaseClass(module) ? openOwnSqlite(module, folder) : undefined;
