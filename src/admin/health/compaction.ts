import {
  ATTR_DB_NAMESPACE,
  ATTR_ERROR_TYPE,
  METRIC_STORAGE_BACKGROUND_ERRORS,
  METRIC_STORAGE_COMPACTION_DURATION,
  METRIC_STORAGE_COMPACTION_PENDING,
  METRIC_STORAGE_FLUSH_DURATION,
} from "../../../semconv/index.ts";
import { HEALTHY, worst, type Verdict } from "../../health/check.ts";
import { metricRegistry, type Instrument, type MetricRegistry } from "../../metrics/registry.ts";
import { totalOf } from "../../metrics/totals.ts";
import { Window } from "../../metrics/window.ts";
import { megabytes } from "./disk.ts";

/** Seconds for which a failure counts. */
const SECONDS = 300;

/** Bytes that wait to be compacted, from which the state is degraded. */
const MANY_BYTES = 1024 ** 3;

/** Failures by database and `error.type`. */
type Failures = ReadonlyMap<string, number>;

/** Background work that can fail. */
class FailingWork {
  readonly #instrument: Instrument;
  readonly #verdict: (failure: string) => Verdict;
  readonly #window = new Window<Failures>(SECONDS, { time: performance.now() / 1000, value: new Map() });

  constructor(instrument: Instrument, verdict: (failure: string) => Verdict) {
    this.#instrument = instrument;
    this.#verdict = verdict;
  }

  look(): Verdict {
    const failures = this.#count();
    const { value: before } = this.#window.add(failures);
    const [failure] = [...failures].find(([name, total]) => total > (before.get(name) ?? 0)) ?? [];
    return failure === undefined ? HEALTHY : this.#verdict(failure);
  }

  #count(): Failures {
    const failures = new Map<string, number>();
    for (const series of this.#instrument.series()) {
      const { [ATTR_DB_NAMESPACE]: namespace, [ATTR_ERROR_TYPE]: error } = series.attributes;
      if (error === undefined) continue;
      const name = `${String(namespace)}: ${String(error)}`;
      failures.set(name, (failures.get(name) ?? 0) + totalOf(this.#instrument, series));
    }
    return failures;
  }
}

function lookAtPending(instrument: Instrument): Verdict {
  for (const series of instrument.series()) {
    const bytes = totalOf(instrument, series);
    const message = `${String(series.attributes[ATTR_DB_NAMESPACE])}: ${megabytes(bytes)} wait to be compacted`;
    if (bytes > MANY_BYTES) return { state: "degraded", message };
  }
  return HEALTHY;
}

const refused = (failure: string): Verdict => ({
  state: "unhealthy",
  message: `${failure}; the engine may refuse writes`,
});
const failed = (failure: string): Verdict => ({ state: "degraded", message: failure });

/**
 * Creates the check of flushes and compactions: those that failed in the last five minutes, and those that are to come.
 * @param registry the registry of their metrics
 */
export function compactions(registry: MetricRegistry = metricRegistry): () => Verdict {
  const work = [
    new FailingWork(registry.instrument(METRIC_STORAGE_BACKGROUND_ERRORS), refused),
    new FailingWork(registry.instrument(METRIC_STORAGE_COMPACTION_DURATION), failed),
    new FailingWork(registry.instrument(METRIC_STORAGE_FLUSH_DURATION), failed),
  ];
  const pending = registry.instrument(METRIC_STORAGE_COMPACTION_PENDING);
  return () => {
    registry.otherThreads?.update();
    return worst([...work.map((each) => each.look()), lookAtPending(pending)]);
  };
}
