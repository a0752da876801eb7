import {
  METRIC_STORAGE_ITERATOR_ACTIVE,
  METRIC_STORAGE_SNAPSHOT_ACTIVE,
  METRIC_STORAGE_SNAPSHOT_OLDEST_AGE,
} from "../../semconv/index.ts";
import { metricRegistry } from "../metrics/registry.ts";
import type { Instance } from "../recording/instance.ts";
import { now } from "../runtime/clock.ts";
import { unfinishedIterations } from "./unfinished.ts";

const snapshots = metricRegistry.instrument(METRIC_STORAGE_SNAPSHOT_ACTIVE);
const oldestAges = metricRegistry.instrument(METRIC_STORAGE_SNAPSHOT_OLDEST_AGE);
const iterators = metricRegistry.instrument(METRIC_STORAGE_ITERATOR_ACTIVE);

/** Read view of the data that is open. */
export interface View {
  readonly start: bigint;
}

/** Views of an instance that are open, beside those of its transaction and its iterators. */
interface Views {
  readonly open: Set<View>;
  /** True if everything that is open shares one snapshot, as in a connection to SQLite. */
  readonly isOne: boolean;
}

const watched = new Map<Instance, Views>();

/**
 * Polls the snapshots and the iterators that are open in an instance until the returned function is called.
 * @param isOne true if they share one snapshot
 */
export function watchViews(instance: Instance, isOne: boolean): () => void {
  for (const instrument of [snapshots, oldestAges, iterators]) instrument.bind(instance.attributes);
  if (!watched.has(instance)) watched.set(instance, { open: new Set(), isOne });
  return () => watched.delete(instance);
}

/** Notes that a view of an instance is open until the returned function is called, or the instance is closed. */
export function holdView(instance: Instance, view: View): () => void {
  if (!watched.has(instance)) instance.whenClosed(watchViews(instance, false));
  watched.get(instance)?.open.add(view);
  return () => watched.get(instance)?.open.delete(view);
}

/** Returns the times since which an instance holds snapshots. */
function startsIn({ scope }: Instance, { open, isOne }: Views, iterations: readonly bigint[]): bigint[] {
  const starts = [...Array.from(open, ({ start }) => start), ...iterations];
  if (scope?.snapshotSince !== undefined) starts.push(scope.snapshotSince);
  return isOne && starts.length > 1 ? [starts.reduce((a, b) => (a < b ? a : b))] : starts;
}

metricRegistry.onCollect(() => {
  for (const series of [...snapshots.series(), ...iterators.series()]) series.value = 0;
  for (const series of oldestAges.series()) series.set(0);
  const reading = new Map<Instance, bigint[]>();
  for (const { database, reading: since } of unfinishedIterations()) {
    if (!watched.has(database)) continue;
    iterators.bind(database.attributes).add(1);
    if (since !== undefined) reading.set(database, [...(reading.get(database) ?? []), since]);
  }
  const timestamp = now();
  for (const [instance, views] of watched) {
    const starts = startsIn(instance, views, reading.get(instance) ?? []);
    if (starts.length === 0) continue;
    snapshots.bind(instance.attributes).add(starts.length);
    const oldest = oldestAges.bind(instance.attributes);
    for (const start of starts) oldest.set(Math.max(oldest.value!, Number(timestamp - start) / 1e9));
  }
});
