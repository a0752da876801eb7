import { join } from "node:path";
import {
  ATTR_DB_COLLECTION_NAME,
  ATTR_STORAGE_FILE_TYPE,
  ATTR_STORAGE_READER_STATE,
  ATTR_STORAGE_SPACE_STATE,
  METRIC_STORAGE_READER_COUNT,
  METRIC_STORAGE_READER_LAG,
  METRIC_STORAGE_READER_LIMIT,
  METRIC_STORAGE_RECORD_COUNT,
  METRIC_STORAGE_SPACE_ALLOCATED,
  METRIC_STORAGE_SPACE_LIMIT,
  METRIC_STORAGE_SPACE_USAGE,
} from "../../semconv/index.ts";
import type { Collector, SetValue } from "../../src/instrument/collectors.ts";
import { sizeOf } from "../sqlite/file-stat.ts";
import type { Environment } from "./environment.ts";
import { readersIn, type Readers } from "./readers.ts";
import type { NativeEnv, Stat, Store } from "./store.ts";

/** Returns the collectors of an environment, which do not keep it open. */
export const collectorsOf = (environment: Environment, path: string): Collector[] => [
  readers(environment),
  space(environment, path),
  records(environment),
];

const readers = (environment: Environment): Collector => ({
  name: "readers",
  metrics: [METRIC_STORAGE_READER_COUNT, METRIC_STORAGE_READER_LAG, METRIC_STORAGE_READER_LIMIT],
  collect(set) {
    const { native } = environment;
    if (native === undefined) return;
    const { lastTxnId, maxReaders } = native.info();
    const found = readersIn(native.readerList());
    for (const state of ["active", "idle", "stale"] as const satisfies (keyof Readers)[])
      set(METRIC_STORAGE_READER_COUNT, found[state], { [ATTR_STORAGE_READER_STATE]: state });
    set(METRIC_STORAGE_READER_LAG, Math.max(0, lastTxnId - (found.oldest ?? lastTxnId)));
    set(METRIC_STORAGE_READER_LIMIT, maxReaders);
  },
});

const space = (environment: Environment, path: string): Collector => ({
  name: "space",
  metrics: [METRIC_STORAGE_SPACE_USAGE, METRIC_STORAGE_SPACE_LIMIT],
  collect(set) {
    environment.count();
    const { native } = environment;
    if (native === undefined) return;
    set(METRIC_STORAGE_SPACE_LIMIT, native.info().mapSize);
    const size = sizeOf(join(path, DATA_FILE)) ?? sizeOf(path);
    if (size !== undefined) set(METRIC_STORAGE_SPACE_USAGE, size, { [ATTR_STORAGE_FILE_TYPE]: "table" });
  },
});

/** File of an environment that is a folder. */
const DATA_FILE = "data.mdb";

/**
 * Collects what the engine tells with a read transaction only: that of the thread, as a `get` of the application would
 * use it. While a write transaction is open, the last answer stands.
 */
function records(environment: Environment): Collector {
  let last: (set: SetValue) => void = () => {};
  return {
    name: "records",
    metrics: [METRIC_STORAGE_RECORD_COUNT, METRIC_STORAGE_SPACE_ALLOCATED],
    collect(set) {
      const { native } = environment;
      if (native !== undefined && !native.writeTxn) last = ask(native, environment.stores()) ?? last;
      last(set);
    },
  };
}

function ask(native: NativeEnv, stores: ReadonlyMap<string | null, Store>): ((set: SetValue) => void) | undefined {
  const any = stores.values().next().value;
  if (any === undefined) return undefined;
  any.ensureReadTxn();
  const root = native.stat();
  const named = Array.from(stores, ([name, store]) => ({ name, store, stat: store.db.stat() })).filter(
    ({ name }) => name !== null,
  );
  const live = livePages(native, root, named);
  const total = native.info().lastPageNumber + 1;
  return (set) => {
    // The root's own records include one for each named database.
    set(METRIC_STORAGE_RECORD_COUNT, root.entryCount);
    for (const { name, stat } of named)
      set(METRIC_STORAGE_RECORD_COUNT, stat.entryCount, { [ATTR_DB_COLLECTION_NAME]: name! });
    if (live === undefined) return;
    set(METRIC_STORAGE_SPACE_ALLOCATED, live * root.pageSize, { [ATTR_STORAGE_SPACE_STATE]: "live" });
    set(METRIC_STORAGE_SPACE_ALLOCATED, (total - live) * root.pageSize, { [ATTR_STORAGE_SPACE_STATE]: "free" });
  };
}

/** Pages at the start of the file, which point to the rest. */
const META_PAGES = 2;

/**
 * Returns the number of pages in use, which the engine does not tell as such: those of all databases. Undefined if not
 * all of them are known, or if one has pages that its statistics leave out, as those of duplicates do.
 */
function livePages(
  native: NativeEnv,
  root: Stat,
  named: readonly { readonly store: Store; readonly stat: Stat }[],
): number | undefined {
  if (root.entryCount !== named.length || named.some(({ store }) => store.dupSort === true)) return undefined;
  const all = [root, native.freeStat(), ...named.map(({ stat }) => stat)];
  return all.reduce((sum, stat) => sum + pagesOf(stat), META_PAGES);
}

const pagesOf = ({ treeBranchPageCount, treeLeafPageCount, overflowPages }: Stat): number =>
  treeBranchPageCount + treeLeafPageCount + overflowPages;
