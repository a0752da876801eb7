import {
  ATTR_DISK_IO_DIRECTION,
  ATTR_STORAGE_FILE_OPERATION_NAME,
  ATTR_STORAGE_FILE_TYPE,
  METRIC_STORAGE_FILE_IO,
  METRIC_STORAGE_FILE_OPERATION_TIME,
} from "../../semconv/index.ts";
import { SharedFile } from "../../src/instrument/thread-claims.ts";
import { metricRegistry } from "../../src/metrics/registry.ts";
import type { SumSeries } from "../../src/metrics/series.ts";
import type { Instance } from "../../src/recording/instance.ts";
import type { NativeEnv } from "./store.ts";

const io = metricRegistry.instrument(METRIC_STORAGE_FILE_IO);
const times = metricRegistry.instrument(METRIC_STORAGE_FILE_OPERATION_TIME);

/** Indexes of the numbers that are counted, in the state that the threads share. */
const PAGES = 0;
const WRITING = 1;
const SYNCING = 2;

const NANOSECONDS = 1e9;

/**
 * Counters that the engine keeps for a file while the process has it open. All threads see the same ones, so what has
 * been counted is shared between them.
 */
export class EngineCounters {
  readonly #seen: SharedFile;
  readonly #openers: SharedFile;
  readonly #written: SumSeries;
  readonly #writing: SumSeries;
  readonly #syncing: SumSeries;
  #pageSize: number | undefined;

  constructor({ attributes }: Instance, path: string) {
    this.#seen = new SharedFile(`lmdb counters:${path}`);
    this.#openers = new SharedFile(`lmdb openers:${path}`);
    this.#openers.add(0, 1n);
    this.#written = io.bind({ ...attributes, [ATTR_STORAGE_FILE_TYPE]: "table", [ATTR_DISK_IO_DIRECTION]: "write" });
    this.#writing = times.bind({ ...attributes, [ATTR_STORAGE_FILE_OPERATION_NAME]: "write" });
    this.#syncing = times.bind({ ...attributes, [ATTR_STORAGE_FILE_OPERATION_NAME]: "sync" });
  }

  /** Adds what the engine has counted since. */
  count(native: NativeEnv): void {
    const { pagesWritten, timePageFlushes, timeSync } = native.info();
    if (pagesWritten === undefined || timePageFlushes === undefined || timeSync === undefined) return;
    this.#written.add(this.#new(PAGES, pagesWritten) * (this.#pageSize ??= native.stat().pageSize));
    this.#writing.add(this.#new(WRITING, Math.round(timePageFlushes * NANOSECONDS)) / NANOSECONDS);
    this.#syncing.add(this.#new(SYNCING, Math.round(timeSync * NANOSECONDS)) / NANOSECONDS);
  }

  /** Returns by how much a number has grown since a thread has counted it. The engine begins anew with the file. */
  #new(index: 0 | 1 | 2, value: number): number {
    const after = BigInt(value);
    const before = this.#seen.get(index);
    if (after === before || !this.#seen.replace(index, before, after)) return 0;
    return Number(after > before ? after - before : after);
  }

  /** Ends with the file; the last thread to close it leaves nothing counted. */
  close(): void {
    if (this.#openers.add(0, -1n) > 0n) return;
    for (const index of [PAGES, WRITING, SYNCING] as const) this.#seen.replace(index, this.#seen.get(index), 0n);
  }
}
