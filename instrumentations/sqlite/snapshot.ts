import { statSync, type PathLike } from "node:fs";
import { resolve } from "node:path";
import type { Instance } from "../../src/recording/instance.ts";
import { Boundary, OperationKind } from "../../src/recording/operation-kind.ts";
import type { OperationInfo, OperationHook } from "../../src/recording/operation-info.ts";
import { Operation } from "../../src/instrument/operation.ts";
import type { PendingCall } from "../../src/instrument/probe.ts";
import {
  ATTR_STORAGE_SNAPSHOT_TYPE,
  KIND_STORAGE_SNAPSHOT,
  STORAGE_SNAPSHOT_TYPE_VALUE_SERIALIZE,
  STORAGE_SNAPSHOT_TYPE_VALUE_VACUUM_INTO,
} from "../../semconv/index.ts";
import { recordActivity } from "../../src/recording/record-activity.ts";
import { Backup } from "./backup.ts";
import { watchViews } from "../../src/instrument/open-views.ts";
import type { Connection, ConnectionHook } from "./connection-hooks.ts";
import type { Script } from "./sql.ts";
import { vacuumIn } from "./vacuum.ts";

/** Snapshots that a connection takes by statements, and those it holds open. */
export class Snapshots implements ConnectionHook {
  readonly #database: Instance;
  readonly #unwatch: () => void;

  constructor({ database }: Connection) {
    this.#database = database;
    this.#unwatch = watchViews(database, true);
  }

  hookOf(script: Script, sql: string): OperationHook | undefined {
    const vacuum = vacuumIn(script, sql);
    if (vacuum === undefined || !vacuum.isCopy || !vacuum.isMain) return undefined;
    return {
      ran: (run) => {
        const bytes = run.failure === undefined ? sizeOf(vacuum.file) : undefined;
        recordActivity(this.#database, KIND_STORAGE_SNAPSHOT, { ...run, attributes: VACUUM_INTO, bytes });
      },
    };
  }

  closed(): void {
    this.#unwatch();
  }
}

const VACUUM_INTO = { [ATTR_STORAGE_SNAPSHOT_TYPE]: STORAGE_SNAPSHOT_TYPE_VALUE_VACUUM_INTO };
const IN_MEMORY = { [ATTR_STORAGE_SNAPSHOT_TYPE]: STORAGE_SNAPSHOT_TYPE_VALUE_SERIALIZE };

const SERIALIZE: OperationInfo = {
  kind: OperationKind.OTHER,
  boundary: Boundary.NONE,
  statements: 0,
  name: "SERIALIZE",
  summary: "SERIALIZE",
};

/** Returns the operation of copying a database to memory; it blocks the event loop like a statement. */
export function serializing(database: Instance): Operation {
  const hook: OperationHook = {
    ran: (run) => {
      const bytes = (run.result as Uint8Array | undefined)?.byteLength;
      recordActivity(database, KIND_STORAGE_SNAPSHOT, { ...run, attributes: IN_MEMORY, bytes });
    },
  };
  return new Operation(database, { ...SERIALIZE, hook });
}

/**
 * Describes a backup that is about to begin. The method takes the file and then options, one of which is `progress`.
 * @param at index of the file among the arguments
 */
export function backingUp(database: Instance, args: readonly unknown[], at: number): PendingCall {
  const backup = new Backup(database);
  // The working directory may have changed when the backup ends.
  const file = typeof args[at] === "string" ? resolve(args[at].trim()) : args[at];
  return {
    arguments: withProgress(args, at + 1, (pages) => backup.progressed(pages)),
    succeeded: (result) => backup.ended(undefined, { items: pagesIn(result), bytes: sizeOf(file) }),
    failed: (error) => backup.ended(database.errorType(error)),
  };
}

type Progress = (...state: readonly [{ readonly remainingPages: number }]) => unknown;

/**
 * Adds a progress callback that runs before the application's. Arguments that the engine will refuse are left
 * unchanged.
 */
function withProgress(args: readonly unknown[], at: number, reported: (remaining: number) => void): readonly unknown[] {
  const options = args.length === at ? {} : args[at];
  if (typeof options !== "object" || options === null) return args;
  const { progress } = options as { readonly progress?: unknown };
  if (progress !== undefined && typeof progress !== "function") return args;
  const listener: Progress = function listener(this: unknown, ...state) {
    reported(state[0].remainingPages);
    return progress && (Reflect.apply(progress, this, state) as unknown);
  };
  return [...args.slice(0, at), Object.create(options, { progress: { value: listener } }), ...args.slice(at + 1)];
}

/** Returns the total number of pages from the binding's result: a number, or the last progress state. */
function pagesIn(result: unknown): number | undefined {
  return typeof result === "number" ? result : (result as { readonly totalPages?: number }).totalPages;
}

/**
 * Returns the size of the file a snapshot was written to, by `stat` only; undefined if it is not a plain path. An error
 * is discarded, since it would reveal the path.
 */
function sizeOf(file: unknown): number | undefined {
  try {
    return statSync(file as PathLike).size;
  } catch {
    return undefined;
  }
}
