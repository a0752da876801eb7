import {
  METRIC_STORAGE_CACHE_LOAD_DURATION,
  METRIC_STORAGE_WRITE_STALL_DURATION,
  METRIC_STORAGE_FLUSH_DURATION,
  ATTR_STORAGE_CACHE_NAME,
  ATTR_STORAGE_STALL_REASON,
  ATTR_STORAGE_FLUSH_REASON,
  ATTR_DB_NAMESPACE,
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_SUMMARY,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_STORAGE_CHECKPOINT_MODE,
  ATTR_STORAGE_CHECKPOINT_TRIGGER,
  ATTR_STORAGE_COMPACTION_TYPE,
  ATTR_STORAGE_SEARCH_INDEX_NAME,
  ATTR_STORAGE_SEARCH_TYPE,
  ATTR_STORAGE_SNAPSHOT_TYPE,
  ATTR_STORAGE_TRANSACTION_MODE,
  ATTR_STORAGE_TRANSACTION_OUTCOME,
  METRIC_DB_CLIENT_OPERATION_DURATION,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
  METRIC_STORAGE_CHECKPOINT_DURATION,
  METRIC_STORAGE_COMPACTION_DURATION,
  METRIC_STORAGE_SEARCH_DURATION,
  METRIC_STORAGE_SNAPSHOT_DURATION,
  METRIC_STORAGE_TRANSACTION_COMMIT_DURATION,
  METRIC_STORAGE_TRANSACTION_DURATION,
} from "../../../semconv/index.ts";
import { merge, type Histogram } from "../receiver/histogram.ts";
import type { Attributes } from "../receiver/otlp.ts";
import type { Metrics, Series } from "../receiver/metrics.ts";

/** One operation of a layer: all series that share its label. */
export interface Row {
  readonly label: string;
  readonly errors: number;
  readonly histogram: Histogram;
}

/** A layer as the table shows it. */
export interface Layer {
  readonly name: string;
  /** Those that took most time in all, most first. */
  readonly rows: readonly Row[];
  /** How many more there are. */
  readonly omitted: number;
}

interface LayerDefinition {
  readonly name: string;
  readonly metric: { readonly name: string };
  readonly label: (attributes: Attributes) => string;
  readonly includes?: (attributes: Attributes) => boolean;
  readonly isError?: (attributes: Attributes) => boolean;
  readonly limit: number;
}

const isSearch = ({ [ATTR_DB_COLLECTION_NAME]: collection }: Attributes): boolean => collection === "entries_fts";
/** What begins and ends a transaction is in the layer of transactions. */
const isBoundary = ({ [ATTR_DB_OPERATION_NAME]: name }: Attributes): boolean =>
  name === "BEGIN" || name === "COMMIT" || name === "ROLLBACK";
const operation = (attributes: Attributes): string =>
  String(attributes[ATTR_DB_QUERY_SUMMARY] ?? attributes[ATTR_DB_OPERATION_NAME]);
const status = (attributes: Attributes): number => Number(attributes[ATTR_HTTP_RESPONSE_STATUS_CODE]);

/** From the request down to the statement. */
const LAYERS: readonly LayerDefinition[] = [
  {
    name: "http",
    metric: METRIC_HTTP_SERVER_REQUEST_DURATION,
    label: (attributes) =>
      [attributes[ATTR_HTTP_REQUEST_METHOD], attributes[ATTR_HTTP_ROUTE], status(attributes)].filter(Boolean).join(" "),
    isError: (attributes) => status(attributes) >= 400,
    limit: 7,
  },
  {
    name: "transaction",
    metric: METRIC_STORAGE_TRANSACTION_DURATION,
    label: (attributes) =>
      `${attributes[ATTR_STORAGE_TRANSACTION_MODE]}, ends in ${attributes[ATTR_STORAGE_TRANSACTION_OUTCOME]}`,
    limit: 6,
  },
  {
    name: "commit",
    metric: METRIC_STORAGE_TRANSACTION_COMMIT_DURATION,
    label: () => "of the explicit ones, the commit itself",
    limit: 1,
  },
  {
    name: "operation",
    metric: METRIC_DB_CLIENT_OPERATION_DURATION,
    label: operation,
    includes: (attributes) => !isSearch(attributes) && !isBoundary(attributes),
    limit: 7,
  },
  {
    name: "wal",
    metric: METRIC_STORAGE_CHECKPOINT_DURATION,
    label: ({ [ATTR_STORAGE_CHECKPOINT_TRIGGER]: trigger, [ATTR_STORAGE_CHECKPOINT_MODE]: mode }) =>
      [mode, "checkpoint,", trigger].filter(Boolean).join(" "),
    limit: 4,
  },
  {
    name: "snapshot",
    metric: METRIC_STORAGE_SNAPSHOT_DURATION,
    label: ({ [ATTR_STORAGE_SNAPSHOT_TYPE]: type }) => String(type),
    limit: 3,
  },
  {
    name: "compaction",
    metric: METRIC_STORAGE_COMPACTION_DURATION,
    label: ({ [ATTR_STORAGE_COMPACTION_TYPE]: type, [ATTR_STORAGE_SEARCH_INDEX_NAME]: index }) =>
      [type, index].filter(Boolean).join(" of "),
    limit: 3,
  },
  {
    name: "flush",
    metric: METRIC_STORAGE_FLUSH_DURATION,
    label: ({ [ATTR_DB_NAMESPACE]: database, [ATTR_STORAGE_FLUSH_REASON]: reason }) => `of ${database}, ${reason}`,
    limit: 3,
  },
  {
    name: "stall",
    metric: METRIC_STORAGE_WRITE_STALL_DURATION,
    label: ({ [ATTR_DB_NAMESPACE]: database, [ATTR_STORAGE_STALL_REASON]: reason }) => `of ${database}, ${reason}`,
    limit: 3,
  },
  {
    name: "cache",
    metric: METRIC_STORAGE_CACHE_LOAD_DURATION,
    label: ({ [ATTR_STORAGE_CACHE_NAME]: cache }) => `loads of ${cache}`,
    limit: 3,
  },
  {
    name: "search",
    metric: METRIC_STORAGE_SEARCH_DURATION,
    label: ({ [ATTR_STORAGE_SEARCH_TYPE]: type, [ATTR_STORAGE_SEARCH_INDEX_NAME]: index }) => `${type} in ${index}`,
    limit: 3,
  },
];

/** What the last export says, layer by layer. */
export function readLayers(metrics: Metrics): Layer[] {
  return LAYERS.map((layer) => {
    const rows = rowsOf(layer, metrics.histograms(layer.metric));
    return { name: layer.name, rows: rows.slice(0, layer.limit), omitted: Math.max(0, rows.length - layer.limit) };
  }).filter(({ rows }) => rows.length > 0);
}

const isFailure = (attributes: Attributes): boolean => attributes[ATTR_ERROR_TYPE] !== undefined;

function rowsOf({ label, includes, isError = isFailure }: LayerDefinition, series: readonly Series[]): Row[] {
  const rows = new Map<string, Row>();
  for (const { attributes, histogram } of series) {
    if (histogram.count === 0 || includes?.(attributes) === false) continue;
    const key = label(attributes);
    const row = rows.get(key);
    rows.set(key, {
      label: key,
      errors: (row?.errors ?? 0) + (isError(attributes) ? histogram.count : 0),
      histogram: row === undefined ? histogram : merge(row.histogram, histogram),
    });
  }
  return [...rows.values()].sort((a, b) => b.histogram.sum - a.histogram.sum);
}
