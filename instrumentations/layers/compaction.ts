import {
  ATTR_DB_NAMESPACE,
  ATTR_ERROR_TYPE,
  ATTR_STORAGE_COMPACTION_RECLAIMED,
  ATTR_STORAGE_COMPACTION_TYPE,
  ATTR_STORAGE_SEARCH_INDEX_NAME,
  METRIC_STORAGE_COMPACTION_DURATION,
  METRIC_STORAGE_COMPACTION_LAST_SUCCESS_TIMESTAMP,
  METRIC_STORAGE_RECLAIM_SIZE,
  type StorageCompactionType,
} from "../../semconv/index.ts";
import type { Instance } from "../../src/recording/instance.ts";
import { hotMetrics } from "../../src/metrics/registry.ts";
import type { HookedRun } from "../../src/recording/operation-info.ts";
import { recordLayerSpan } from "../../src/recording/record-span.ts";
import { recordWithin } from "../../src/recording/rollup.ts";

const durations = hotMetrics.instrument(METRIC_STORAGE_COMPACTION_DURATION);
const lastSuccesses = hotMetrics.instrument(METRIC_STORAGE_COMPACTION_LAST_SUCCESS_TIMESTAMP);
const reclaimed = hotMetrics.instrument(METRIC_STORAGE_RECLAIM_SIZE);

/** Finished compaction. */
export interface Compaction {
  readonly type: StorageCompactionType;
  /** The search index that was compacted, if any. */
  readonly index?: string | undefined;
  /** Bytes by which the database shrank; undefined if unknown. */
  readonly reclaimed?: number | undefined;
}

export function recordCompaction(database: Instance, compaction: Compaction, run: HookedRun): void {
  const { attributes } = database;
  const { nanoseconds, failure, rollup } = run;
  const identity = {
    [ATTR_STORAGE_COMPACTION_TYPE]: compaction.type,
    [ATTR_STORAGE_SEARCH_INDEX_NAME]: compaction.index,
  };
  recordWithin(rollup, durations.bind({ ...attributes, ...identity, [ATTR_ERROR_TYPE]: failure }), nanoseconds);
  if (failure === undefined) lastSuccesses.bind(attributes).set(Date.now() / 1000);
  if (compaction.reclaimed !== undefined) reclaimed.bind(attributes).add(compaction.reclaimed);
  recordLayerSpan(
    database,
    `compaction ${attributes[ATTR_DB_NAMESPACE]}`,
    { ...identity, [ATTR_STORAGE_COMPACTION_RECLAIMED]: compaction.reclaimed },
    run,
  );
}
