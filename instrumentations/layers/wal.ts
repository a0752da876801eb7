import type { Attributes } from "@opentelemetry/api";
import {
  ATTR_DB_NAMESPACE,
  ATTR_ERROR_TYPE,
  ATTR_STORAGE_CHECKPOINT_MODE,
  ATTR_STORAGE_CHECKPOINT_PAGE_COUNT,
  ATTR_STORAGE_CHECKPOINT_TRIGGER,
  ATTR_STORAGE_MEASUREMENT,
  METRIC_STORAGE_CHECKPOINT_DURATION,
  METRIC_STORAGE_CHECKPOINT_LAST_SUCCESS_TIMESTAMP,
  METRIC_STORAGE_CHECKPOINT_PAGES,
  METRIC_STORAGE_CHECKPOINTS,
  METRIC_STORAGE_WAL_CHECKPOINT_LAG,
  STORAGE_MEASUREMENT_VALUE_ESTIMATED,
  type StorageCheckpointMode,
  type StorageCheckpointTrigger,
} from "../../semconv/index.ts";
import type { Database } from "../../src/database.ts";
import { hotMetrics } from "../../src/metrics/instruments.ts";
import type { LayerRun } from "../../src/operation-info.ts";
import { recordLayerSpan } from "../../src/spans/retroactive.ts";

const checkpoints = hotMetrics.instrument(METRIC_STORAGE_CHECKPOINTS);
const durations = hotMetrics.instrument(METRIC_STORAGE_CHECKPOINT_DURATION);
const pageCounts = hotMetrics.instrument(METRIC_STORAGE_CHECKPOINT_PAGES);
const lastSuccesses = hotMetrics.instrument(METRIC_STORAGE_CHECKPOINT_LAST_SUCCESS_TIMESTAMP);
const lags = hotMetrics.instrument(METRIC_STORAGE_WAL_CHECKPOINT_LAG);

/** A checkpoint that is over. */
export interface Checkpoint {
  readonly trigger: StorageCheckpointTrigger;
  readonly mode?: StorageCheckpointMode | undefined;
  /** `error.type` of one that failed or could not be completed. */
  readonly failure?: string | undefined;
  /** Pages it brought into the database; undefined where the engine does not tell. */
  readonly pages: number | undefined;
  /** When it ended, in milliseconds of Unix time. */
  readonly end: number;
}

/** When a checkpoint ran, and how that is known. */
export interface CheckpointTiming {
  readonly start: bigint;
  readonly nanoseconds: number;
  readonly rollup: LayerRun["rollup"];
  readonly isEstimated: boolean;
}

/** A write-ahead log that is in use. */
export interface Log {
  readonly database: Database;
  /** Bytes not yet checkpointed; undefined while nothing is known of it. */
  lag(): number | undefined;
}

/** Has what every engine reports of its log there from the start, for alerts on the first of something. */
export function expectCheckpoints({ attributes }: Database, mode: StorageCheckpointMode): void {
  checkpoints.bind({
    ...attributes,
    [ATTR_STORAGE_CHECKPOINT_MODE]: mode,
    [ATTR_STORAGE_CHECKPOINT_TRIGGER]: "auto",
  });
  pageCounts.bind(attributes);
}

/** @param timing undefined for a checkpoint of which only the fact is known: it is counted */
export function recordCheckpoint(database: Database, checkpoint: Checkpoint, timing?: CheckpointTiming): void {
  const { attributes } = database;
  const { trigger, mode, failure, pages = 0, end } = checkpoint;
  const series = {
    [ATTR_STORAGE_CHECKPOINT_MODE]: mode,
    [ATTR_STORAGE_CHECKPOINT_TRIGGER]: trigger,
    [ATTR_ERROR_TYPE]: failure,
  };
  checkpoints.bind({ ...attributes, ...series }).add(1);
  pageCounts.bind(attributes).add(pages);
  if (failure === undefined) lastSuccesses.bind(attributes).set(end / 1000);
  if (timing === undefined) return;
  const measurement = timing.isEstimated ? STORAGE_MEASUREMENT_VALUE_ESTIMATED : undefined;
  recordDuration({ ...attributes, ...series, [ATTR_STORAGE_MEASUREMENT]: measurement }, timing);
  recordCheckpointSpan(database, checkpoint, timing);
}

function recordDuration(attributes: Parameters<typeof durations.bind>[0], timing: CheckpointTiming): void {
  const { nanoseconds, rollup } = timing;
  const duration = durations.bind(attributes);
  const bucket = duration.record(nanoseconds);
  if (rollup?.isExemplary) duration.exemplify(bucket, nanoseconds, rollup.spanContext);
}

function recordCheckpointSpan(database: Database, checkpoint: Checkpoint, timing: CheckpointTiming): void {
  const { trigger, mode, failure, pages } = checkpoint;
  const { start, nanoseconds, rollup, isEstimated } = timing;
  const attributes: Attributes = { [ATTR_STORAGE_CHECKPOINT_TRIGGER]: trigger };
  if (mode !== undefined) attributes[ATTR_STORAGE_CHECKPOINT_MODE] = mode;
  if (pages !== undefined) attributes[ATTR_STORAGE_CHECKPOINT_PAGE_COUNT] = pages;
  if (isEstimated) attributes[ATTR_STORAGE_MEASUREMENT] = STORAGE_MEASUREMENT_VALUE_ESTIMATED;
  const name = `checkpoint ${database.attributes[ATTR_DB_NAMESPACE]}`;
  recordLayerSpan(database, name, attributes, { start, nanoseconds, rows: 0, failure, result: undefined, rollup });
}

/** The logs in use, to be asked at collection. */
const logs = new Set<Log>();

/** Has the lag of a log polled until the returned function is called. */
export function watchLog(log: Log): () => void {
  logs.add(log);
  return () => logs.delete(log);
}

hotMetrics.onCollect(() => {
  for (const cell of lags.cells()) cell.value = 0;
  for (const log of logs) {
    const lag = log.lag();
    if (lag !== undefined) lags.bind(log.database.attributes).add(lag);
  }
});
