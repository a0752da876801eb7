import type { Attributes, Context } from "@opentelemetry/api";
import {
  ATTR_ERROR_TYPE,
  ATTR_STORAGE_CHECKPOINT_BLOCKER_AGE,
  ATTR_STORAGE_CHECKPOINT_BLOCKER_SUMMARY,
  ATTR_STORAGE_CHECKPOINT_MODE,
  ATTR_STORAGE_CHECKPOINT_PAGES_LEFT,
  ATTR_STORAGE_CHECKPOINT_TRIGGER,
  ATTR_STORAGE_MEASUREMENT,
  KIND_STORAGE_CHECKPOINT,
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
import type { Instance } from "../../src/recording/instance.ts";
import type { LongOpen } from "../../src/insights/long-open.ts";
import { Polled, type Collector } from "../../src/instrument/collectors.ts";
import { metricRegistry } from "../../src/metrics/registry.ts";
import type { HookedRun } from "../../src/recording/operation-info.ts";
import { recordActivity } from "../../src/recording/record-activity.ts";

const checkpoints = metricRegistry.instrument(METRIC_STORAGE_CHECKPOINTS);
const pageCounts = metricRegistry.instrument(METRIC_STORAGE_CHECKPOINT_PAGES);
const lastSuccesses = metricRegistry.instrument(METRIC_STORAGE_CHECKPOINT_LAST_SUCCESS_TIMESTAMP);
const resets = metricRegistry.instrument(METRIC_STORAGE_WAL_RESETS);

/** Reason why a checkpoint did not transfer the whole log to the database. */
export interface CheckpointBlocker {
  readonly pagesLeft: number;
  /**
   * The longest-open operation of this process; undefined if it has none open, so that the blocker is another process.
   */
  readonly operation: LongOpen | undefined;
}

/** Finished checkpoint. */
export interface Checkpoint {
  readonly trigger: StorageCheckpointTrigger;
  readonly mode?: StorageCheckpointMode | undefined;
  /** `error.type` of a checkpoint that failed or could not be completed. */
  readonly failure?: string | undefined;
  /** Pages transferred to the database; undefined if the engine does not report them. */
  readonly pages: number | undefined;
  /** Unix time of its end, in milliseconds. */
  readonly end: number;
  readonly blocker?: CheckpointBlocker | undefined;
  /** Set if checkpoints are inferred from a sign that two of them may share. */
  readonly isEstimated?: boolean;
}

/** Time at which a checkpoint ran, and its precision. */
export interface CheckpointTiming {
  readonly start: bigint;
  readonly nanoseconds: number;
  readonly rollup: HookedRun["rollup"];
  readonly isEstimated: boolean;
  /** The context that contains it; undefined for the active one. */
  readonly parent: Context | undefined;
}

/** Size of a log. */
export interface WalSize {
  readonly pages: number;
  /** Bytes not yet checkpointed. */
  readonly lag: number;
}

/** Write-ahead log that is in use. */
interface WatchedLog {
  /** Tells whether this thread reports. */
  isOurs(): boolean;
  readonly database: Instance;
  /** Returns the size; undefined while it is unknown. */
  size(): WalSize | undefined;
}

/**
 * Creates every series of a log at the start, so that alerts can fire on the first event.
 * @param isReported true if the engine reports its log; otherwise there are no series, rather than series of zeros
 */
export function expectCheckpoints({ attributes }: Instance, mode: StorageCheckpointMode, isReported: boolean): void {
  checkpoints.bind({
    ...attributes,
    [ATTR_STORAGE_CHECKPOINT_MODE]: mode,
    [ATTR_STORAGE_CHECKPOINT_TRIGGER]: "auto",
    [ATTR_STORAGE_MEASUREMENT]: isReported ? undefined : STORAGE_MEASUREMENT_VALUE_ESTIMATED,
  });
  if (!isReported) return;
  pageCounts.bind(attributes);
  resets.bind(attributes);
}

/** Counts a restart or truncation of the log. */
export function countReset({ attributes }: Instance): void {
  resets.bind(attributes).add(1);
}

/**
 * Records a checkpoint.
 * @param timing undefined if nothing but its occurrence is known: the checkpoint is then only counted
 */
export function recordCheckpoint(database: Instance, checkpoint: Checkpoint, timing?: CheckpointTiming): void {
  const { attributes } = database;
  const { trigger, mode, failure, pages, end, isEstimated } = checkpoint;
  const series = {
    [ATTR_STORAGE_CHECKPOINT_MODE]: mode,
    [ATTR_STORAGE_CHECKPOINT_TRIGGER]: trigger,
    [ATTR_ERROR_TYPE]: failure,
  };
  const estimated = isEstimated === true ? STORAGE_MEASUREMENT_VALUE_ESTIMATED : undefined;
  checkpoints.bind({ ...attributes, ...series, [ATTR_STORAGE_MEASUREMENT]: estimated }).add(1);
  if (timing !== undefined) return recordTimed(database, checkpoint, timing);
  if (pages !== undefined) pageCounts.bind(attributes).add(pages);
  if (failure === undefined) lastSuccesses.bind(attributes).set(end / 1000);
}

function recordTimed(
  database: Instance,
  { trigger, mode, failure, pages: items, blocker, end }: Checkpoint,
  { isEstimated, ...timing }: CheckpointTiming,
): void {
  const attributes: Attributes = { [ATTR_STORAGE_CHECKPOINT_TRIGGER]: trigger };
  if (mode !== undefined) attributes[ATTR_STORAGE_CHECKPOINT_MODE] = mode;
  if (blocker !== undefined) Object.assign(attributes, attributesOf(blocker));
  if (isEstimated) attributes[ATTR_STORAGE_MEASUREMENT] = STORAGE_MEASUREMENT_VALUE_ESTIMATED;
  recordActivity(database, KIND_STORAGE_CHECKPOINT, { ...timing, attributes, failure, items, end });
}

function attributesOf({ pagesLeft, operation }: CheckpointBlocker): Attributes {
  const attributes: Attributes = { [ATTR_STORAGE_CHECKPOINT_PAGES_LEFT]: pagesLeft };
  if (operation === undefined) return attributes;
  attributes[ATTR_STORAGE_CHECKPOINT_BLOCKER_SUMMARY] = operation.info.summary;
  attributes[ATTR_STORAGE_CHECKPOINT_BLOCKER_AGE] = Number(now() - operation.start) / 1e9;
  return attributes;
}

/** Polls the size of a log until the returned function is called. */
export function watchLog(log: WatchedLog): () => void {
  const collector: Collector = {
    name: "log",
    metrics: [METRIC_STORAGE_WAL_CHECKPOINT_LAG, METRIC_STORAGE_WAL_PAGES],
    collect(set) {
      const size = log.size();
      // Each thread looks, and one reports.
      if (size === undefined || !log.isOurs()) return;
      set(METRIC_STORAGE_WAL_CHECKPOINT_LAG, size.lag);
      set(METRIC_STORAGE_WAL_PAGES, size.pages);
    },
  };
  const polled = new Polled(log.database, collector, undefined);
  return () => polled.close();
}
