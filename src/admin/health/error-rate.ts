import type { Attributes } from "@opentelemetry/api";
import {
  ATTR_DB_NAMESPACE,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  METRIC_DB_CLIENT_OPERATION_DURATION,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
} from "../../../semconv/index.ts";
import type { Instrument } from "../../metrics/registry.ts";
import { totalOf } from "../../metrics/totals.ts";
import { HEALTHY, about, worst } from "../../health/check.ts";
import { countUntimed } from "../../instrument/operation.ts";
import { metricRegistry } from "../../metrics/registry.ts";
import { openDatabases } from "../../instrument/open-instances.ts";
import type { Verdict } from "../../health/check.ts";
import { Window } from "../../metrics/window.ts";

/** Seconds of the window over which a rate is calculated. */
const SECONDS = 300;
/** Minimum number of events from which a rate is calculated. */
const FEWEST = 20;
/** Factor by which the limit must be exceeded to be unhealthy. */
const FAR_TOO_MANY = 5;

interface Counts {
  readonly all: number;
  readonly failed: number;
}

/** Ratio of failures over the window. */
class FailureRate {
  readonly #what: string;
  readonly #instrument: Instrument;
  readonly #hasFailed: (attributes: Attributes) => boolean;
  readonly #window = new Window<Counts>(SECONDS);

  constructor(what: string, instrument: Instrument, hasFailed: (attributes: Attributes) => boolean) {
    this.#what = what;
    this.#instrument = instrument;
    this.#hasFailed = hasFailed;
  }

  /**
   * Compares the ratio with a limit.
   * @param limit the ratio from which the state is degraded
   */
  look(limit: number): Verdict {
    const counts = this.#count();
    const { value: before } = this.#window.add(counts);
    const all = counts.all - before.all;
    // The counts can decrease: the series of a closed database are removed.
    const ratio = all < FEWEST ? 0 : Math.min(1, (counts.failed - before.failed) / all);
    if (ratio < limit || ratio === 0) return HEALTHY;
    const message = `${(100 * ratio).toFixed(1)} % of ${all} failed`;
    return about(this.#what, { state: ratio >= FAR_TOO_MANY * limit ? "unhealthy" : "degraded", message });
  }

  #count(): Counts {
    const counts = { all: 0, failed: 0 };
    for (const series of this.#instrument.series()) {
      const total = totalOf(this.#instrument, series);
      counts.all += total;
      if (this.#hasFailed(series.attributes)) counts.failed += total;
    }
    return counts;
  }
}

/**
 * Tells whether storage itself failed, according to the engine of the database, or to another open one that knows the
 * error.
 */
function isStorageFailure(attributes: Attributes): boolean {
  const failure = attributes[ATTR_ERROR_TYPE];
  if (typeof failure !== "string") return false;
  for (const each of openDatabases()) {
    const isIts = each.database.attributes[ATTR_DB_NAMESPACE] === attributes[ATTR_DB_NAMESPACE];
    if (isIts) return each.failureKind(failure) !== "application";
  }
  return false;
}

/**
 * Creates the check of error rates.
 * @returns a function that checks the failure ratios of operations and of requests
 */
export function errorRates(limit: number): () => Verdict {
  const rates = [
    new FailureRate("operations", metricRegistry.instrument(METRIC_DB_CLIENT_OPERATION_DURATION), isStorageFailure),
    new FailureRate("requests", metricRegistry.instrument(METRIC_HTTP_SERVER_REQUEST_DURATION), (attributes) =>
      String(attributes[ATTR_HTTP_RESPONSE_STATUS_CODE]).startsWith("5"),
    ),
  ];
  return () => {
    metricRegistry.otherThreads?.update();
    countUntimed();
    return worst(rates.map((rate) => rate.look(limit)));
  };
}
