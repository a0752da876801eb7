import { ATTR_STORAGE_SNAPSHOT_TYPE, KIND_STORAGE_SNAPSHOT, type StorageSnapshotType } from "../../semconv/index.ts";
import type { Instance } from "../../src/recording/instance.ts";
import type { OperationHook } from "../../src/recording/operation-info.ts";
import { recordActivity } from "../../src/recording/record-activity.ts";
import type { Role } from "./sql.ts";

/** Statements that copy a database in use. `COPY FROM DATABASE` leaves out what is free. */
const TYPES: Readonly<Partial<Record<Role, StorageSnapshotType>>> = {
  export: "export",
  "copy database": "compacting_backup",
};

/** Returns the hook by which the runs of a statement are snapshots. DuckDB does not tell their size. */
export function snapshotHook(database: Instance, role: Role | undefined): OperationHook | undefined {
  const type = role && TYPES[role];
  if (type === undefined) return undefined;
  const attributes = { [ATTR_STORAGE_SNAPSHOT_TYPE]: type };
  return {
    ran: ({ rows: _rows, ...run }) => recordActivity(database, KIND_STORAGE_SNAPSHOT, { ...run, attributes }),
  };
}
