import { ATTR_STORAGE_SNAPSHOT_TYPE, KIND_STORAGE_SNAPSHOT } from "../../semconv/index.ts";
import { Activity } from "../../src/instrument/activity.ts";
import type { PendingCall, Probe } from "../../src/instrument/probe.ts";
import type { AnyFunction } from "../../src/instrument/wrap.ts";
import { databaseOf, knownDatabase, opening } from "./database.ts";
import { patchCalls } from "./calls.ts";
import type { Pglite } from "./engine.ts";
import { patchMessages, patchTexts } from "./messages-of-application.ts";
import { patchCreate } from "./create.ts";

interface Package {
  readonly PGlite: { readonly prototype: object };
  /** Makes the messages, as an application can as well. */
  readonly protocol: { readonly serialize: object };
}

/**
 * Patches the class. All that runs SQL comes down to methods with an underscore: `_runExclusiveTransaction` waits for the
 * connection, `_runExclusiveQuery` runs one text of `query`, `exec`, `transaction` and others. Both are of this class only,
 * so that the database of a `PGliteWorker` is observed where it is.
 */
export function patch(exports: unknown, probe: Probe): void {
  const { PGlite: constructor, protocol } = exports as Package;
  const { prototype } = constructor;
  patchStart(Object.getPrototypeOf(prototype) as object, probe);
  patchCalls(prototype, probe);
  patchMessages(prototype, probe);
  patchTexts(protocol.serialize, probe);
  patchCreate(constructor, probe);
  probe.pending(prototype, "dumpDataDir", (self: Pglite) => dumping(self));
  // Also while nothing is observed: what was begun has to end.
  probe.wrap(prototype, "close", (original) => {
    return function observed(this: Pglite, ...args: unknown[]): unknown {
      const closed = (): void => knownDatabase(this)?.closed();
      return probe.settle(() => Reflect.apply(original, this, args) as unknown, { succeeded: closed, failed() {} });
    } as AnyFunction;
  });
}

/** Follows the statement with which each database ends its start. */
function patchStart(base: object, probe: Probe): void {
  probe.pending(base, "_initArrayTypes", (self: Pglite) => {
    if (knownDatabase(self) !== undefined || self.mod === undefined) return undefined;
    probe.used();
    const database = opening(self, false);
    const started = (): void => {
      database.isStarted = true;
    };
    return { succeeded: started, failed: started };
  });
}

/** A dump is read from the files while no call runs; the object by which a new database is made is not one of the application. */
function dumping(self: Pglite): PendingCall | undefined {
  if (!self.ready) return undefined;
  const attributes = { [ATTR_STORAGE_SNAPSHOT_TYPE]: "serialize" };
  const { database } = databaseOf(self);
  const snapshot = new Activity(database, KIND_STORAGE_SNAPSHOT, { attributes });
  return {
    succeeded: (dump) => snapshot.finish({ bytes: (dump as { readonly size: number }).size }),
    failed: (error) => snapshot.finish({ failure: database.errorType(error) }),
  };
}
