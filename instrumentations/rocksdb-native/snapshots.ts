import {
  ATTR_STORAGE_SNAPSHOT_TYPE,
  KIND_STORAGE_SNAPSHOT,
  STORAGE_SNAPSHOT_TYPE_VALUE_READ_VIEW,
} from "../../semconv/index.ts";
import { Activity } from "../../src/instrument/activity.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import { touching } from "./batches.ts";
import type { RocksDatabase } from "./database.ts";
import type { Databases } from "./databases.ts";
import type { Session, Snapshot } from "./package.ts";

/** Observes the snapshots: each is open until the last session, iterator or batch that uses it ends. */
export function observeSnapshots(prototype: object, probe: Probe, databases: Databases): void {
  const owners = new WeakMap<Snapshot, RocksDatabase>();
  const open = new WeakMap<Snapshot, Activity>();
  const begin = (snapshot: Snapshot): void => {
    const database = owners.get(snapshot);
    if (database === undefined || snapshot._handle === null || open.has(snapshot) || !probe.guard.enabled) return;
    const attributes = { [ATTR_STORAGE_SNAPSHOT_TYPE]: STORAGE_SNAPSHOT_TYPE_VALUE_READ_VIEW };
    open.set(snapshot, new Activity(database.database, KIND_STORAGE_SNAPSHOT, { attributes, holdsSnapshot: true }));
  };
  probe.wrap(prototype, "session", (original) =>
    touching(original, probe, databases, ({ _snapshot: snapshot, _state: state }: Session) => {
      if (snapshot === null || owners.has(snapshot)) return;
      const database = databases.of(state);
      if (database === undefined) return;
      owners.set(snapshot, database);
      const own = Object.getPrototypeOf(snapshot) as object;
      // Before the database is open, the engine takes it when it is.
      probe.after(own, "_init", begin);
      probe.after(own, "unref", (each: Snapshot) => {
        if (each._handle === null) open.get(each)?.finish();
      });
      begin(snapshot);
    }),
  );
}
