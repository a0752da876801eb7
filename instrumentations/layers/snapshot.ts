import type { Context } from "@opentelemetry/api";
import {
  ATTR_DB_NAMESPACE,
  ATTR_ERROR_TYPE,
  ATTR_STORAGE_SNAPSHOT_BYTE_COUNT,
  ATTR_STORAGE_SNAPSHOT_PAGE_COUNT,
  ATTR_STORAGE_SNAPSHOT_TYPE,
  METRIC_STORAGE_SNAPSHOT_DURATION,
  METRIC_STORAGE_SNAPSHOT_LAST_SUCCESS_TIMESTAMP,
  METRIC_STORAGE_SNAPSHOT_PAGES,
  METRIC_STORAGE_SNAPSHOT_REMAINING,
  METRIC_STORAGE_SNAPSHOT_SIZE,
  type StorageSnapshotType,
} from "../../semconv/index.ts";
import { now } from "../../src/runtime/clock.ts";
import type { Instance } from "../../src/recording/instance.ts";
import type { SumCell } from "../../src/metrics/series.ts";
import { hotMetrics } from "../../src/metrics/registry.ts";
import type { HookedRun } from "../../src/recording/operation-info.ts";
import { recordLayerSpan, surroundings } from "../../src/recording/record-span.ts";
import { recordWithin, rollupAround, type Rollup } from "../../src/recording/rollup.ts";

const durations = hotMetrics.instrument(METRIC_STORAGE_SNAPSHOT_DURATION);
const sizes = hotMetrics.instrument(METRIC_STORAGE_SNAPSHOT_SIZE);
const pageCounts = hotMetrics.instrument(METRIC_STORAGE_SNAPSHOT_PAGES);
const remaining = hotMetrics.instrument(METRIC_STORAGE_SNAPSHOT_REMAINING);
const lastSuccesses = hotMetrics.instrument(METRIC_STORAGE_SNAPSHOT_LAST_SUCCESS_TIMESTAMP);

/** Snapshot that was taken or attempted. */
export interface Snapshot {
  readonly type: StorageSnapshotType;
  /** Undefined if unknown, and for a snapshot that failed. */
  readonly bytes?: number | undefined;
  readonly pages?: number | undefined;
}

export function recordSnapshot(database: Instance, snapshot: Snapshot, run: HookedRun): void {
  const { attributes } = database;
  const { type, bytes, pages } = snapshot;
  const { nanoseconds, failure, rollup } = run;
  const identity = { ...attributes, [ATTR_STORAGE_SNAPSHOT_TYPE]: type };
  recordWithin(rollup, durations.bind({ ...identity, [ATTR_ERROR_TYPE]: failure }), nanoseconds);
  if (failure === undefined) lastSuccesses.bind(identity).set(Date.now() / 1000);
  if (bytes !== undefined) sizes.bind(identity).record(bytes);
  if (pages !== undefined) pageCounts.bind(identity).add(pages);
  const reported = {
    [ATTR_STORAGE_SNAPSHOT_TYPE]: type,
    [ATTR_STORAGE_SNAPSHOT_BYTE_COUNT]: bytes,
    [ATTR_STORAGE_SNAPSHOT_PAGE_COUNT]: pages,
  };
  recordLayerSpan(database, `snapshot ${attributes[ATTR_DB_NAMESPACE]}`, reported, run);
}

/** Backup in progress; the application runs other operations meanwhile. */
export class Backup {
  readonly #database: Instance;
  readonly #start = now();
  readonly #rollup: Rollup | null;
  readonly #parent: Context;
  readonly #remainder: SumCell;
  /** The pages of this backup that are still to be copied. */
  #remaining = 0;

  constructor(database: Instance) {
    this.#database = database;
    this.#rollup = rollupAround(database);
    this.#parent = surroundings(database);
    this.#remainder = remaining.bind(database.attributes);
  }

  progressed(pages: number): void {
    this.#remainder.add(pages - this.#remaining);
    this.#remaining = pages;
  }

  ended(failure: string | undefined, measures: Omit<Snapshot, "type"> = {}): void {
    this.progressed(0);
    const nanoseconds = Number(now() - this.#start);
    const begun = { start: this.#start, rollup: this.#rollup, parent: this.#parent };
    const run = { ...begun, nanoseconds, rows: 0, failure, result: undefined };
    recordSnapshot(this.#database, { type: "backup", ...measures }, run);
  }
}
