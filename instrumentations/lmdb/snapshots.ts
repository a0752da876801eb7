import { resolve } from "node:path";
import {
  ATTR_STORAGE_SNAPSHOT_TYPE,
  KIND_STORAGE_SNAPSHOT,
  STORAGE_SNAPSHOT_TYPE_VALUE_BACKUP,
  STORAGE_SNAPSHOT_TYPE_VALUE_COMPACTING_BACKUP,
  STORAGE_SNAPSHOT_TYPE_VALUE_READ_VIEW,
} from "../../semconv/index.ts";
import { Activity } from "../../src/instrument/activity.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import { wrapperBy, type AnyFunction } from "../../src/instrument/wrap.ts";
import { environmentOf } from "./environment.ts";
import { sizeOfData } from "./gauges.ts";
import type { Methods, ReadTransaction, Store } from "./store.ts";

/** Returns what observes the backups and the read transactions of stores. */
export const snapshotMethods = (probe: Probe): Methods => ({
  backup: wrapperBy("backup", (target) => observeBackups(target, probe)),
  useReadTransaction: wrapperBy("useReadTransaction", (target) =>
    probe.after(target, "useReadTransaction", (store: Store, transaction: ReadTransaction) =>
      use(store, transaction, probe),
    ),
  ),
});

function observeBackups(target: object, probe: Probe): void {
  probe.pending(target, "backup", (store: Store, [path, isCompacting]) => {
    const environment = store.noFSAccess === true ? undefined : environmentOf(store);
    if (environment === undefined) return undefined;
    const type =
      isCompacting === true ? STORAGE_SNAPSHOT_TYPE_VALUE_COMPACTING_BACKUP : STORAGE_SNAPSHOT_TYPE_VALUE_BACKUP;
    const { instance } = environment;
    const activity = new Activity(instance, KIND_STORAGE_SNAPSHOT, {
      attributes: { [ATTR_STORAGE_SNAPSHOT_TYPE]: type },
    });
    // The working directory may have changed when the backup ends.
    const target = typeof path === "string" ? resolve(path) : undefined;
    return {
      succeeded: () => activity.finish({ bytes: target === undefined ? undefined : sizeOfData(target) }),
      failed: (error) => activity.finish({ failure: instance.errorType(error) }),
    };
  });
}

/**
 * Uses of a read transaction by the application. The iterations that the application runs on it use it as well, and end
 * their use in the same way: a snapshot is held for as long as there are as many uses.
 */
const uses = new WeakMap<ReadTransaction, Activity[]>();

function use(store: Store, transaction: ReadTransaction, probe: Probe): void {
  const environment = environmentOf(store);
  if (environment === undefined) return;
  const prototype = Object.getPrototypeOf(transaction) as object;
  probe.wrap(prototype, "done", (original) => doneBy(original, probe));
  const activity = new Activity(environment.instance, KIND_STORAGE_SNAPSHOT, {
    attributes: { [ATTR_STORAGE_SNAPSHOT_TYPE]: STORAGE_SNAPSHOT_TYPE_VALUE_READ_VIEW },
    holdsSnapshot: true,
  });
  uses.set(transaction, [...(uses.get(transaction) ?? []), activity]);
}

const doneBy = (original: AnyFunction, probe: Probe): AnyFunction =>
  function done(this: ReadTransaction): unknown {
    const result: unknown = Reflect.apply(original, this, arguments);
    probe.attempt(() => {
      const open = uses.get(this) ?? [];
      for (const ended of open.splice(0, open.length - Math.max(0, this.refCount ?? 0))) ended.finish();
    });
    return result;
  } as AnyFunction;
