import {
  ATTR_DB_NAMESPACE,
  ATTR_DB_QUERY_SUMMARY,
  ATTR_ERROR_TYPE,
  ATTR_STORAGE_CACHE_NAME,
  ATTR_STORAGE_CACHE_RESULT,
  ATTR_STORAGE_FILE_TYPE,
  ATTR_STORAGE_STALL_REASON,
  METRIC_STORAGE_CACHE_REQUESTS,
  METRIC_STORAGE_EVENTLOOP_BLOCKED_TIME,
  METRIC_STORAGE_LOCK_WAIT_DURATION,
  METRIC_STORAGE_READER_LAG,
  METRIC_STORAGE_SPACE_USAGE,
  METRIC_STORAGE_WRITE_STALL_DURATION,
} from "../../../semconv/index.ts";
import type { Metrics, Series, Sum } from "../receiver/metrics.ts";
import { amount, counted, duration } from "./units.ts";

/** Formats what the metrics say of all runs together. */
export function formatSums(metrics: Metrics): string[] {
  const lines = [formatBlame, formatWaits, formatStalls, formatReaders, formatCaches].flatMap((format) =>
    format(metrics),
  );
  return lines.map((line) => `  - ${line}`);
}

const total = (series: readonly Series[], what: "count" | "sum"): number =>
  series.reduce((sum, { histogram }) => sum + histogram[what], 0);

const sumOf = (series: readonly Sum[]): number => series.reduce((sum, { value }) => sum + value, 0);

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** Formats the statement with the largest part of the time for which storage blocked event loops. */
function formatBlame(metrics: Metrics): string[] {
  const sums = metrics.sums(METRIC_STORAGE_EVENTLOOP_BLOCKED_TIME).toSorted((a, b) => b.value - a.value);
  const blocked = sumOf(sums);
  const [first] = sums;
  if (first === undefined || blocked === 0) return [];
  const share = Math.round((100 * first.value) / blocked);
  const statement = String(first.attributes[ATTR_DB_QUERY_SUMMARY]);
  return [`${share} % of the ${duration(blocked)} for which storage blocked an event loop was ${statement}`];
}

function formatWaits(metrics: Metrics): string[] {
  const waits = metrics.histograms(METRIC_STORAGE_LOCK_WAIT_DURATION).filter(({ histogram }) => histogram.count > 0);
  if (waits.length === 0) return [];
  const refused = waits.filter(({ attributes }) => attributes[ATTR_ERROR_TYPE] !== undefined);
  const [count, time] = [amount(total(waits, "count")), duration(total(waits, "sum"))];
  return [
    `${count} writers waited for the lock, for ${time} in all; ${amount(total(refused, "count"))} of them failed`,
  ];
}

/** Reasons of a stall in plain words. */
const REASONS: Readonly<Record<string, string>> = {
  memtable_limit: "its memory was full, and the one before was not written to a file yet",
  level0_files: "level 0 had too many files, which were not merged yet",
};

/** Formats the waits of writes for the background work of an LSM engine, of each database and reason. */
function formatStalls(metrics: Metrics): string[] {
  const stalls = metrics.histograms(METRIC_STORAGE_WRITE_STALL_DURATION).filter(({ histogram }) => histogram.count > 0);
  return stalls.map(({ attributes, histogram }) => {
    const reason = String(attributes[ATTR_STORAGE_STALL_REASON]);
    const times = counted(histogram.count, "time");
    const what = `writes to ${attributes[ATTR_DB_NAMESPACE]} stood still ${times}, for ${duration(histogram.sum)}`;
    return `${what}: ${REASONS[reason] ?? reason}`;
  });
}

/** Formats the readers that kept pages of a database from being used again. */
function formatReaders(metrics: Metrics): string[] {
  const lags = metrics.peaks(METRIC_STORAGE_READER_LAG).filter(({ value }) => value > 1);
  const databases = [...new Set(lags.map(({ attributes }) => attributes[ATTR_DB_NAMESPACE]))];
  return databases.map((database) => {
    const isOf = ({ attributes }: Sum): boolean => attributes[ATTR_DB_NAMESPACE] === database;
    const commits = Math.max(...lags.filter(isOf).map(({ value }) => value));
    const files = metrics.peaks(METRIC_STORAGE_SPACE_USAGE).filter(isOf);
    const tables = files.filter(({ attributes }) => attributes[ATTR_STORAGE_FILE_TYPE] === "table");
    const size = Math.max(...tables.map(({ value }) => value));
    return `a reader of ${database} was ${counted(commits, "commit")} behind, whose old pages could not be used again; its file grew to ${megabytes(size)}`;
  });
}

/** Formats how much of what was asked for the caches had. */
function formatCaches(metrics: Metrics): string[] {
  const requests = metrics.sums(METRIC_STORAGE_CACHE_REQUESTS);
  const caches = [...Map.groupBy(requests, ({ attributes }) => String(attributes[ATTR_STORAGE_CACHE_NAME]))];
  return caches.flatMap(([cache, series]) => {
    const all = sumOf(series);
    const hits = sumOf(series.filter(({ attributes }) => attributes[ATTR_STORAGE_CACHE_RESULT] === "hit"));
    return all === 0
      ? []
      : [`the cache ${cache} had ${Math.round((100 * hits) / all)} % of the ${amount(all)} entries it was asked for`];
  });
}
