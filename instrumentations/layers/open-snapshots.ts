import {
  METRIC_STORAGE_ITERATOR_ACTIVE,
  METRIC_STORAGE_SNAPSHOT_ACTIVE,
  METRIC_STORAGE_SNAPSHOT_OLDEST_AGE,
} from "../../semconv/index.ts";
import { now } from "../../src/runtime/clock.ts";
import type { Instance } from "../../src/recording/instance.ts";
import { unfinishedIterations } from "../../src/instrument/iteration.ts";
import { hotMetrics } from "../../src/metrics/registry.ts";

const snapshots = hotMetrics.instrument(METRIC_STORAGE_SNAPSHOT_ACTIVE);
const oldestAges = hotMetrics.instrument(METRIC_STORAGE_SNAPSHOT_OLDEST_AGE);
const iterators = hotMetrics.instrument(METRIC_STORAGE_ITERATOR_ACTIVE);

/** Connections in use. */
const databases = new Set<Instance>();

/** Polls the snapshots that a connection holds open until the returned function is called. */
export function watchViews(database: Instance): () => void {
  for (const instrument of [snapshots, oldestAges, iterators]) instrument.bind(database.attributes);
  databases.add(database);
  return () => databases.delete(database);
}

/**
 * Returns the time since which the open transaction of a connection holds a snapshot. A deferred transaction holds one
 * from its first statement on.
 */
function viewOf({ scope }: Instance): bigint | undefined {
  if (scope === null) return undefined;
  return scope.mode !== "deferred" || scope.statements > 0 ? scope.held.start : undefined;
}

hotMetrics.onCollect(() => {
  for (const cell of [...snapshots.cells(), ...iterators.cells()]) cell.value = 0;
  for (const cell of oldestAges.cells()) cell.set(0);
  const views = new Map<Instance, bigint>();
  const note = (database: Instance, since: bigint | undefined): void => {
    const before = views.get(database);
    if (since !== undefined && (before === undefined || since < before)) views.set(database, since);
  };
  for (const database of databases) note(database, viewOf(database));
  for (const { database, reading } of unfinishedIterations()) {
    if (!databases.has(database)) continue;
    iterators.bind(database.attributes).add(1);
    note(database, reading);
  }
  const moment = now();
  for (const [{ attributes }, since] of views) {
    snapshots.bind(attributes).add(1);
    const oldest = oldestAges.bind(attributes);
    oldest.set(Math.max(oldest.value!, Number(moment - since) / 1e9));
  }
});
