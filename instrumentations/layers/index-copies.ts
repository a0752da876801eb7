import type { Context } from "@opentelemetry/api";
import {
  ATTR_STORAGE_SNAPSHOT_TYPE,
  KIND_STORAGE_RESTORE,
  KIND_STORAGE_SNAPSHOT,
  type ActivityKind,
  type StorageSnapshotType,
} from "../../semconv/index.ts";
import { activeContext } from "../../src/context/active.ts";
import { recordActivity } from "../../src/recording/record-activity.ts";
import { activeRollup, type Rollup } from "../../src/recording/rollup.ts";
import { errorType } from "../../src/runtime/error-type.ts";
import { now } from "../../src/runtime/clock.ts";
import { sizeOf } from "../files/file-stat.ts";
import type { Call } from "./calls.ts";
import type { ObservedIndex } from "./search-index.ts";

/** Copy of an index that is written or loaded. */
interface Copy {
  readonly type: StorageSnapshotType;
  /** Returns the index, after the call; undefined if a load that failed made none. */
  readonly indexOf: (result: unknown) => ObservedIndex | undefined;
  /** Returns the size of the copy after the call, if it is known. */
  readonly bytesOf?: () => number | undefined;
}

/** Returns the size of a file that the application names; undefined if there is none. */
export const fileSizeOf = (path: unknown): number | undefined => (typeof path === "string" ? sizeOf(path) : undefined);

/** Begins to write a copy of an index. */
export const snapshot = (copy: Copy): Call => new CopyCall(KIND_STORAGE_SNAPSHOT, copy);

/** Begins to load an index from a copy. */
export const restore = (copy: Copy): Call => new CopyCall(KIND_STORAGE_RESTORE, copy);

class CopyCall implements Call {
  readonly #kind: ActivityKind;
  readonly #copy: Copy;
  readonly #start: bigint = now();
  readonly #rollup: Rollup | null = activeRollup();
  readonly #parent: Context | undefined;

  constructor(kind: ActivityKind, copy: Copy) {
    this.#kind = kind;
    this.#copy = copy;
    this.#parent = this.#rollup === null ? undefined : activeContext();
  }

  succeeded(result: unknown): void {
    this.#ended(result, undefined);
  }

  failed(error: unknown): void {
    this.#ended(undefined, errorType(error));
  }

  #ended(result: unknown, failure: string | undefined): void {
    const nanoseconds = Number(now() - this.#start);
    const { type, indexOf, bytesOf } = this.#copy;
    const index = indexOf(result);
    if (index === undefined) return;
    recordActivity(index.instance, this.#kind, {
      start: this.#start,
      nanoseconds,
      failure,
      rollup: this.#rollup,
      parent: this.#parent,
      attributes: { [ATTR_STORAGE_SNAPSHOT_TYPE]: type },
      bytes: failure === undefined ? bytesOf?.() : undefined,
    });
  }
}
