import type { Attributes } from "@opentelemetry/api";
import {
  ATTR_DB_QUERY_SUMMARY,
  ATTR_DB_QUERY_TEXT,
  ATTR_ERROR_TYPE,
  ATTR_STORAGE_SEARCH_INDEX_NAME,
  ATTR_STORAGE_SEARCH_TYPE,
  KIND_STORAGE_SEARCH,
  METRIC_STORAGE_SEARCH_INDEX_UPDATE_DURATION,
  type AttributesOf,
  type StoragePrimitive,
  type StorageSearchType,
} from "../../semconv/index.ts";
import type { Instance } from "../../src/recording/instance.ts";
import type { HistogramSeries } from "../../src/metrics/histogram.ts";
import { metricRegistry } from "../../src/metrics/registry.ts";
import type { HookedRun, OperationInfo, OperationHook } from "../../src/recording/operation-info.ts";
import { spanPolicy } from "../../src/spans/policy.ts";
import { ActivitySeries } from "../../src/recording/activity-series.ts";
import { recordActivitySpan, type ActivityRun } from "../../src/recording/record-activity.ts";
import { recordSpan } from "../../src/recording/record-span.ts";
import { recordWithin } from "../../src/recording/rollup.ts";

const updateDurations = metricRegistry.instrument(METRIC_STORAGE_SEARCH_INDEX_UPDATE_DURATION);

/** Index that is searched. */
export interface SearchIndex {
  readonly type: StorageSearchType;
  /** Undefined if the statement does not name it. */
  readonly name: string | undefined;
}

/** Kinds of data that searches work with; a search of a prefix is one of the keys. */
const PRIMITIVES: Readonly<Record<StorageSearchType, StoragePrimitive | undefined>> = {
  fulltext: "search",
  vector: "vector",
  hybrid: "search",
  suggestion: "search",
  prefix: undefined,
};

type IndexAttributes = AttributesOf<typeof METRIC_STORAGE_SEARCH_INDEX_UPDATE_DURATION>;

/** Returns the attributes of the metrics of an index. */
export const identity = ({ attributes }: Instance, { type, name }: SearchIndex): IndexAttributes => ({
  ...attributes,
  [ATTR_STORAGE_SEARCH_TYPE]: type,
  [ATTR_STORAGE_SEARCH_INDEX_NAME]: name,
});

/** Statement that searches. */
export class Search implements OperationHook {
  readonly primitive: StoragePrimitive | undefined;
  readonly #database: Instance;
  readonly #info: OperationInfo;
  readonly #index: SearchIndex;
  readonly #series: ActivitySeries;
  /** Attributes of the span of the run that ends now, if the engine tells more of it. */
  details: Attributes | undefined;
  /** `db.query.text`, computed for the first span. */
  #text: string | undefined;

  constructor(database: Instance, info: OperationInfo, index: SearchIndex) {
    this.#database = database;
    this.#info = info;
    this.#index = index;
    this.primitive = PRIMITIVES[index.type];
    this.#series = new ActivitySeries(KIND_STORAGE_SEARCH, identity(database, index));
  }

  ran(run: HookedRun): void {
    const search = { ...run, items: run.failure === undefined ? run.rows : undefined };
    this.#series.record(search);
    if (run.rollup !== null) this.#recordSpan(search);
  }

  #recordSpan(run: Omit<ActivityRun, "attributes">): void {
    const { type, name } = this.#index;
    this.#text ??= this.#info.text?.();
    const attributes = {
      [ATTR_STORAGE_SEARCH_TYPE]: type,
      [ATTR_STORAGE_SEARCH_INDEX_NAME]: name,
      [ATTR_DB_QUERY_SUMMARY]: this.#info.summary,
      [ATTR_DB_QUERY_TEXT]: this.#text,
      ...this.details,
    };
    recordActivitySpan(this.#database, KIND_STORAGE_SEARCH, { ...run, attributes });
  }
}

/** Statement that changes an index. It is recorded as a statement: its span is the same as without this hook. */
export class IndexUpdate implements OperationHook {
  readonly primitive: StoragePrimitive | undefined;
  readonly #database: Instance;
  readonly #info: OperationInfo;
  readonly #identity: IndexAttributes;
  readonly #duration: HistogramSeries;

  constructor(database: Instance, info: OperationInfo, index: SearchIndex) {
    this.#database = database;
    this.#info = info;
    this.primitive = PRIMITIVES[index.type];
    this.#identity = identity(database, index);
    this.#duration = updateDurations.bind(this.#identity);
  }

  ran(run: HookedRun): void {
    const { nanoseconds, failure, rollup } = run;
    const duration =
      failure === undefined ? this.#duration : updateDurations.bind({ ...this.#identity, [ATTR_ERROR_TYPE]: failure });
    recordWithin(rollup, duration, nanoseconds);
    const isSpan = failure === undefined ? nanoseconds >= spanPolicy.threshold : spanPolicy.failures;
    if (rollup !== null && isSpan) {
      recordSpan({ info: this.#info, database: this.#database }, rollup.anchor, run);
    }
  }
}
