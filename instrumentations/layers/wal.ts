import type { Attributes, Context } from "@opentelemetry/api";
import {
  ATTR_DB_NAMESPACE,
  ATTR_ERROR_TYPE,
  ATTR_STORAGE_CHECKPOINT_BLOCKER_AGE,
  ATTR_STORAGE_CHECKPOINT_BLOCKER_SUMMARY,
  ATTR_STORAGE_CHECKPOINT_MODE,
  ATTR_STORAGE_CHECKPOINT_PAGE_COUNT,
  ATTR_STORAGE_CHECKPOINT_PAGES_LEFT,
  ATTR_STORAGE_CHECKPOINT_TRIGGER,
  ATTR_STORAGE_MEASUREMENT,
  METRIC_STORAGE_CHECKPOINT_DURATION,
  METRIC_STORAGE_CHECKPOINT_LAST_SUCCESS_TIMESTAMP,
  METRIC_STORAGE_CHECKPOINT_PAGES,
  METRIC_STORAGE_CHECKPOINTS,
  METRIC_STORAGE_WAL_CHECKPOINT_LAG,
  METRIC_STORAGE_WAL_PAGES,
  METRIC_STORAGE_WAL_RESETS,
  STORAGE_MEASUREMENT_VALUE_ESTIMATED,
  type StorageCheckpointMode,
  type StorageCheckpointTrigger,
} from "../../semconv/index.ts";
import { now } from "../../src/runtime/clock.ts";
import type { Database } from "../../src/recording/instance.ts";
import type { LongOpen } from "../../src/insights/long-open.ts";
import { hotMetrics } from "../../src/metrics/registry.ts";
import type { LayerRun } from "../../src/recording/operation-info.ts";
import { recordLayerSpan } from "../../src/recording/record-span.ts";
import { recordWithin } from "../../src/recording/rollup.ts";

const checkpoints = hotMetrics.instrument(METRIC_STORAGE_CHECKPOINTS);
const durations = hotMetrics.instrument(METRIC_STORAGE_CHECKPOINT_DURATION);
const pageCounts = hotMetrics.instrument(METRIC_STORAGE_CHECKPOINT_PAGES);
const lastSuccesses = hotMetrics.instrument(METRIC_STORAGE_CHECKPOINT_LAST_SUCCESS_TIMESTAMP);
const lags = hotMetrics.instrument(METRIC_STORAGE_WAL_CHECKPOINT_LAG);
const sizes = hotMetrics.instrument(METRIC_STORAGE_WAL_PAGES);
const resets = hotMetrics.instrument(METRIC_STORAGE_WAL_RESETS);

/** Why a checkpoint did not bring all of the log into the database. */
export interface Obstacle {
  readonly pagesLeft: number;
  /** What this process has open for the longest time; undefined where it has nothing open, so that it is another one. */
  readonly blocker: LongOpen | undefined;
}

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
  readonly obstacle?: Obstacle | undefined;
  /** Set where checkpoints are found by a sign that two of them may share. */
  readonly isEstimated?: boolean;
}

/** When a checkpoint ran, and how that is known. */
export interface CheckpointTiming {
  readonly start: bigint;
  readonly nanoseconds: number;
  readonly rollup: LayerRun["rollup"];
  readonly isEstimated: boolean;
  /** What it is inside of; undefined for what surrounds it at this moment. */
  readonly parent: Context | undefined;
}

/** How much there is of a log. */
export interface Extent {
  readonly pages: number;
  /** Bytes not yet checkpointed. */
  readonly lag: number;
}

/** A write-ahead log that is in use. */
interface WatchedLog {
  readonly database: Database;
  /** Undefined while nothing is known of it. */
  extent(): Extent | undefined;
  /** Whether this thread is the one to report that. */
  isOurs(): boolean;
}

/**
 * Has what every engine reports of its log there from the start, for alerts on the first of something.
 * @param isTold whether the engine tells of the log; what it does not tell has no series, rather than one of zeros
 */
export function expectCheckpoints({ attributes }: Database, mode: StorageCheckpointMode, isTold: boolean): void {
  checkpoints.bind({
    ...attributes,
    [ATTR_STORAGE_CHECKPOINT_MODE]: mode,
    [ATTR_STORAGE_CHECKPOINT_TRIGGER]: "auto",
    [ATTR_STORAGE_MEASUREMENT]: isTold ? undefined : STORAGE_MEASUREMENT_VALUE_ESTIMATED,
  });
  if (!isTold) return;
  pageCounts.bind(attributes);
  resets.bind(attributes);
}

/** The log was begun anew, or cut to nothing. */
export function countReset({ attributes }: Database): void {
  resets.bind(attributes).add(1);
}

/** @param timing undefined for a checkpoint of which only the fact is known: it is counted */
export function recordCheckpoint(database: Database, checkpoint: Checkpoint, timing?: CheckpointTiming): void {
  const { attributes } = database;
  const { trigger, mode, failure, pages, end, isEstimated } = checkpoint;
  const series = {
    [ATTR_STORAGE_CHECKPOINT_MODE]: mode,
    [ATTR_STORAGE_CHECKPOINT_TRIGGER]: trigger,
    [ATTR_ERROR_TYPE]: failure,
  };
  const estimated = isEstimated === true ? STORAGE_MEASUREMENT_VALUE_ESTIMATED : undefined;
  checkpoints.bind({ ...attributes, ...series, [ATTR_STORAGE_MEASUREMENT]: estimated }).add(1);
  if (pages !== undefined) pageCounts.bind(attributes).add(pages);
  if (failure === undefined) lastSuccesses.bind(attributes).set(end / 1000);
  if (timing === undefined) return;
  const measurement = timing.isEstimated ? STORAGE_MEASUREMENT_VALUE_ESTIMATED : undefined;
  const duration = durations.bind({ ...attributes, ...series, [ATTR_STORAGE_MEASUREMENT]: measurement });
  recordWithin(timing.rollup, duration, timing.nanoseconds);
  recordCheckpointSpan(database, checkpoint, timing);
}

function recordCheckpointSpan(database: Database, checkpoint: Checkpoint, timing: CheckpointTiming): void {
  const { trigger, mode, failure, pages, obstacle } = checkpoint;
  const { start, nanoseconds, rollup, isEstimated, parent } = timing;
  const attributes: Attributes = { [ATTR_STORAGE_CHECKPOINT_TRIGGER]: trigger };
  if (mode !== undefined) attributes[ATTR_STORAGE_CHECKPOINT_MODE] = mode;
  if (pages !== undefined) attributes[ATTR_STORAGE_CHECKPOINT_PAGE_COUNT] = pages;
  if (obstacle !== undefined) Object.assign(attributes, attributesOf(obstacle));
  if (isEstimated) attributes[ATTR_STORAGE_MEASUREMENT] = STORAGE_MEASUREMENT_VALUE_ESTIMATED;
  const name = `checkpoint ${database.attributes[ATTR_DB_NAMESPACE]}`;
  recordLayerSpan(database, name, attributes, {
    start,
    nanoseconds,
    rows: 0,
    failure,
    result: undefined,
    rollup,
    parent,
  });
}

function attributesOf({ pagesLeft, blocker }: Obstacle): Attributes {
  const attributes: Attributes = { [ATTR_STORAGE_CHECKPOINT_PAGES_LEFT]: pagesLeft };
  if (blocker === undefined) return attributes;
  attributes[ATTR_STORAGE_CHECKPOINT_BLOCKER_SUMMARY] = blocker.info.summary;
  attributes[ATTR_STORAGE_CHECKPOINT_BLOCKER_AGE] = Number(now() - blocker.start) / 1e9;
  return attributes;
}

/** The logs in use, to be asked at collection. */
const logs = new Set<WatchedLog>();

/** Has the extent of a log polled until the returned function is called. */
export function watchLog(log: WatchedLog): () => void {
  logs.add(log);
  return () => logs.delete(log);
}

hotMetrics.onCollect(() => {
  for (const instrument of [lags, sizes]) for (const cell of instrument.cells()) cell.value = 0;
  for (const log of logs) {
    const extent = log.extent();
    if (extent === undefined || !log.isOurs()) continue;
    lags.bind(log.database.attributes).add(extent.lag);
    sizes.bind(log.database.attributes).add(extent.pages);
  }
});
