import type { ModuleTarget } from "../../src/instrument/definition.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import { patchBackup } from "./backups.ts";
import { patchDatabase } from "./database.ts";
import { observeCreation, patchPreparing, patchStatement } from "./statements.ts";
import { BINDING, type Sqlite3 } from "./types.ts";

/**
 * Patches the package: its native classes as soon as they are loaded, since it keeps references to them, and their methods,
 * to which it adds some, when it is complete.
 */
export function patch(exports: unknown, probe: Probe, { file }: ModuleTarget): void {
  const sqlite = exports as Sqlite3;
  if (file === BINDING) return observeCreation(sqlite, probe);
  const { Database, Statement, Backup } = sqlite;
  patchPreparing(sqlite, probe);
  patchDatabase(Database.prototype, probe);
  patchStatement(Statement.prototype, probe);
  patchBackup(Database.prototype, Backup.prototype, probe);
}
