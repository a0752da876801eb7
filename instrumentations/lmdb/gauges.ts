import { endianness } from "node:os";
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
import { sizeOf } from "../files/file-stat.ts";
import { insideEngine } from "./inside.ts";
import { readersIn, type Readers } from "./readers.ts";
import type { NativeEnv, Stat, Store } from "./store.ts";

/** Open environment, as far as its gauges read it. */
interface Environment {
  /** The engine's own object; undefined once the environment is closed. */
  readonly native: NativeEnv | undefined;
  readonly root: Store | undefined;
  /** Names of the databases in it. */
  readonly names: Iterable<string>;
  /** Adds what the engine has counted since the last call. */
  count(): void;
}

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
    const size = sizeOfData(path);
    if (size !== undefined) set(METRIC_STORAGE_SPACE_USAGE, size, { [ATTR_STORAGE_FILE_TYPE]: "table" });
  },
});

/** Returns the size of the data at a path, which is the file itself or its folder. */
export const sizeOfData = (path: string): number | undefined => sizeOf(join(path, "data.mdb")) ?? sizeOf(path);

/**
 * Collects what the engine tells with a read transaction only: that of the thread, as a `get` of the application would
 * use it. While a write transaction is open, the last answer stands.
 */
function records(environment: Environment): Collector {
  let last: Answer | undefined;
  return {
    name: "records",
    metrics: [METRIC_STORAGE_RECORD_COUNT, METRIC_STORAGE_SPACE_ALLOCATED],
    collect(set) {
      const { native } = environment;
      if (native !== undefined && !native.writeTxn) last = ask(native, environment) ?? last;
      if (last !== undefined) report(last, set);
    },
  };
}

/** Answer of the engine, which keeps nothing of it alive. */
interface Answer {
  readonly pageSize: number;
  readonly trees: ReadonlyMap<string, Tree>;
  /** Names of databases in use that the root does not have: they were dropped, or have not been written to. */
  readonly absent: readonly string[];
  /** Records of the root, without those that stand for named databases. */
  readonly records: number;
  readonly total: number;
  /** Pages in use; undefined if not all databases are known, or if one has pages that it does not count. */
  readonly live: number | undefined;
}

function ask(native: NativeEnv, { root, names }: Environment): Answer | undefined {
  if (root === undefined) return undefined;
  const trees = new Map<string, Tree>();
  const absent: string[] = [];
  insideEngine(() => {
    for (const name of names) {
      const found = root.getBinary(Buffer.from(`${name}\0`));
      if (found === undefined) absent.push(name);
      const tree = treeIn(found);
      if (tree !== undefined) trees.set(name, tree);
    }
    root.ensureReadTxn();
  });
  const { entryCount, pageSize, ...main } = native.stat();
  const all = [...trees.values()];
  const isKnown = entryCount === trees.size && all.every(({ hasDuplicates }) => !hasDuplicates);
  const pages = [pagesOf(main), pagesOf(native.freeStat()), ...all.map((tree) => tree.pages)];
  return {
    pageSize,
    trees,
    absent,
    records: entryCount - trees.size,
    total: native.info().lastPageNumber + 1,
    live: isKnown ? pages.reduce((sum, count) => sum + count, META_PAGES) : undefined,
  };
}

function report({ pageSize, trees, absent, records: own, total, live }: Answer, set: SetValue): void {
  set(METRIC_STORAGE_RECORD_COUNT, own);
  for (const name of absent) set(METRIC_STORAGE_RECORD_COUNT, 0, { [ATTR_DB_COLLECTION_NAME]: name });
  for (const [name, { entries }] of trees)
    set(METRIC_STORAGE_RECORD_COUNT, entries, { [ATTR_DB_COLLECTION_NAME]: name });
  if (live === undefined) return;
  set(METRIC_STORAGE_SPACE_ALLOCATED, live * pageSize, { [ATTR_STORAGE_SPACE_STATE]: "live" });
  set(METRIC_STORAGE_SPACE_ALLOCATED, (total - live) * pageSize, { [ATTR_STORAGE_SPACE_STATE]: "free" });
}

/** Pages at the start of the file, which point to the rest. */
const META_PAGES = 2;

const pagesOf = ({
  treeBranchPageCount,
  treeLeafPageCount,
  overflowPages,
}: Pick<Stat, "treeBranchPageCount" | "treeLeafPageCount" | "overflowPages">): number =>
  treeBranchPageCount + treeLeafPageCount + overflowPages;

/** Tree of pages that a database is. */
interface Tree {
  readonly pages: number;
  readonly entries: number;
  /** True if there are pages that it does not count: those of the values of one key. */
  readonly hasDuplicates: boolean;
}

/** Layout of what the root has under the name of a database (`MDB_db`), in bytes. */
const SIZE = 48;
const FLAGS = 4;
const BRANCHES = 8;
const LEAVES = 16;
const OVERFLOWS = 24;
const ENTRIES = 32;
const DUPSORT = 0x04;

const isLittleEndian = endianness() === "LE";

/**
 * Reads what the root says of a named database. To ask the engine for the statistics of that database ends the process
 * if another thread has dropped or closed it.
 */
function treeIn(value: Uint8Array | undefined): Tree | undefined {
  if (value?.byteLength !== SIZE) return undefined;
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const number = (at: number): number => Number(view.getBigUint64(at, isLittleEndian));
  return {
    pages: number(BRANCHES) + number(LEAVES) + number(OVERFLOWS),
    entries: number(ENTRIES),
    hasDuplicates: (view.getUint16(FLAGS, isLittleEndian) & DUPSORT) !== 0,
  };
}
