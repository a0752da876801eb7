import {
  ATTR_DISK_IO_DIRECTION,
  ATTR_STORAGE_CACHE_RESULT,
  ATTR_STORAGE_FILE_OPERATION_NAME,
  ATTR_STORAGE_FILE_TYPE,
  METRIC_STORAGE_CACHE_REQUESTS,
  METRIC_STORAGE_FILE_IO,
  METRIC_STORAGE_FILE_OPERATION_TIME,
  METRIC_STORAGE_WAL_SYNCS,
} from "../../semconv/index.ts";
import type { Collector } from "../../src/instrument/collectors.ts";
import { metricRegistry } from "../../src/metrics/registry.ts";
import type { SumSeries } from "../../src/metrics/series.ts";
import type { Identity } from "../../src/recording/instance.ts";
import type { Properties } from "./properties.ts";

const cacheRequests = metricRegistry.instrument(METRIC_STORAGE_CACHE_REQUESTS);
const fileIo = metricRegistry.instrument(METRIC_STORAGE_FILE_IO);
const fileTimes = metricRegistry.instrument(METRIC_STORAGE_FILE_OPERATION_TIME);
const walSyncs = metricRegistry.instrument(METRIC_STORAGE_WAL_SYNCS);

/** Milliseconds between two looks, which take 0.3 ms each. */
const INTERVAL_MS = 5_000;

/** Names in the statistics whose counts are added. */
interface Source {
  readonly counters?: readonly string[];
  /** Histograms of microseconds, whose sums are added. */
  readonly times?: readonly string[];
  /** Returns the series, which begins with the first count: the engine may be told not to count some. */
  readonly series: () => SumSeries;
}

/**
 * Collects the engine's own counters, if the application has it count: `enableStatistics`. They are told for the database
 * as a whole.
 */
export function statisticsOf(properties: Properties, database: Identity, cache: Identity): Collector {
  let sources: readonly (readonly [source: Source, counter: Counter])[] | undefined;
  let isOff = false;
  return {
    name: "statistics",
    metrics: [],
    minIntervalMs: INTERVAL_MS,
    async collect() {
      const [family] = properties.families ?? [];
      if (isOff || family === undefined) return;
      const answers = await properties.of(family, ["options-statistics"]);
      const text = answers.get("options-statistics");
      // The database was closed meanwhile, or it does not count: that is decided when it is opened.
      if (text === undefined) isOff = properties.families !== undefined;
      if (text === undefined) return;
      sources ??= sourcesOf(database, cache).map((source) => [source, new Counter()]);
      const counts = countsIn(text);
      for (const [source, counter] of sources) {
        const added = counter.added(totalOf(source, counts));
        if (added > 0) source.series().add(added);
      }
    },
  };
}

/** Number that only grows, of which the growth is added to a series. */
class Counter {
  #last = 0;

  /** Returns how much it has grown. An application that resets the statistics has it begin again. */
  added(total: number): number {
    const added = total - (total < this.#last ? 0 : this.#last);
    this.#last = total;
    return added;
  }
}

type Counts = ReadonlyMap<string, { readonly count: number; readonly sum: number }>;

/** Returns the number after `COUNT : `. */
const after = (words: readonly string[], word: string): number => Number(words[words.indexOf(word) + 2] ?? 0);

/** Reads the statistics: `rocksdb.wal.synced COUNT : 34`, or a histogram, which has a sum as well. */
function countsIn(text: string): Counts {
  return new Map(
    text.split("\n").flatMap((line) => {
      const words = line.split(" ");
      if (!words.includes("COUNT")) return [];
      const sum = words.includes("SUM") ? after(words, "SUM") : 0;
      return [[words[0]!.replace("rocksdb.", ""), { count: after(words, "COUNT"), sum }] as const];
    }),
  );
}

function totalOf({ counters = [], times = [] }: Source, counts: Counts): number {
  const counted = counters.reduce((total, name) => total + (counts.get(name)?.count ?? 0), 0);
  return times.reduce((total, name) => total + (counts.get(name)?.sum ?? 0) / 1e6, counted);
}

function sourcesOf(database: Identity, cache: Identity): Source[] {
  const io = (type: string, direction: string) => (): SumSeries =>
    fileIo.bind({ ...database, [ATTR_STORAGE_FILE_TYPE]: type, [ATTR_DISK_IO_DIRECTION]: direction });
  const lookups = (result: string) => (): SumSeries =>
    cacheRequests.bind({ ...cache, [ATTR_STORAGE_CACHE_RESULT]: result });
  return [
    { counters: ["wal.bytes"], series: io("wal", "write") },
    { counters: ["flush.write.bytes", "compact.write.bytes"], series: io("table", "write") },
    { counters: ["blobdb.blob.file.bytes.written"], series: io("value_log", "write") },
    { counters: ["blobdb.blob.file.bytes.read"], series: io("value_log", "read") },
    { counters: ["block.cache.hit"], series: lookups("hit") },
    { counters: ["block.cache.miss"], series: lookups("miss") },
    { counters: ["wal.synced"], series: () => walSyncs.bind(database) },
    {
      times: SYNC_TIMES,
      series: () => fileTimes.bind({ ...database, [ATTR_STORAGE_FILE_OPERATION_NAME]: "sync" }),
    },
  ];
}

/** Times of syncs, which are counted from `statsLevel: EXCEPT_DETAILED_TIMERS` on. */
const SYNC_TIMES = [
  "wal.file.sync.micros",
  "table.sync.micros",
  "compaction.outfile.sync.micros",
  "manifest.file.sync.micros",
  "blobdb.blob.file.sync.micros",
];
