import {
  ATTR_DISK_IO_DIRECTION,
  ATTR_STORAGE_FILE_TYPE,
  METRIC_STORAGE_FILE_IO,
  METRIC_STORAGE_WAL_RECORDS,
} from "../../semconv/index.ts";
import { metricRegistry } from "../../src/metrics/registry.ts";
import type { SumSeries } from "../../src/metrics/series.ts";
import type { Instance } from "../../src/recording/instance.ts";
import type { PostgresModule } from "./engine.ts";

const bytesOf = metricRegistry.instrument(METRIC_STORAGE_FILE_IO);
const recordsOf = metricRegistry.instrument(METRIC_STORAGE_WAL_RECORDS);

/** What the statements of one call did, as PostgreSQL counts it. */
export interface Usage {
  /** Bytes of records in the write-ahead log. */
  readonly walBytes: number;
  /** Pages of the database that were written to its files. */
  readonly pages: number;
}

/** Offsets in the structs of PostgreSQL, whose fields have 8 bytes. */
const WAL_RECORDS = 0;
const WAL_BYTES = 16;
const SHARED_WRITTEN = 24;
const STRUCT_BYTES = 32;

/**
 * Counters of PostgreSQL, read from its memory: `EXPLAIN (WAL, BUFFERS)` reads the same. Nothing is asked of it for
 * that.
 */
export class Counters {
  readonly #records: SumSeries;
  readonly #bytes: SumSeries;
  /** The memory it was read from last, with its view: none if the counters are not there. */
  #heap: Uint8Array | undefined;
  #memory: DataView | undefined;
  #wal = 0;
  #buffers = 0;
  #isKnown = false;
  #lastRecords = 0;
  #lastBytes = 0;
  #lastPages = 0;

  constructor({ attributes }: Instance) {
    this.#records = recordsOf.bind(attributes);
    this.#bytes = bytesOf.bind({ ...attributes, [ATTR_STORAGE_FILE_TYPE]: "wal", [ATTR_DISK_IO_DIRECTION]: "write" });
  }

  /** Counts what was done since it was called last; returns undefined if PostgreSQL does not tell. */
  count(module: PostgresModule | undefined): Usage | undefined {
    const memory = module && this.#memoryOf(module);
    if (memory === undefined) return undefined;
    const records = longAt(memory, this.#wal + WAL_RECORDS) - this.#lastRecords;
    const walBytes = longAt(memory, this.#wal + WAL_BYTES) - this.#lastBytes;
    const pages = longAt(memory, this.#buffers + SHARED_WRITTEN) - this.#lastPages;
    this.#lastRecords += records;
    this.#lastBytes += walBytes;
    this.#lastPages += pages;
    const isFirst = !this.#isKnown;
    this.#isKnown = true;
    if (isFirst) return undefined;
    if (records > 0) this.#records.add(records);
    if (walBytes > 0) this.#bytes.add(walBytes);
    return { walBytes, pages };
  }

  #memoryOf(module: PostgresModule): DataView | undefined {
    const { HEAPU8: heap } = module;
    if (heap === this.#heap) return this.#memory;
    const { _pgWalUsage: wal, _pgBufferUsage: buffers } = module;
    this.#heap = heap;
    this.#memory = undefined;
    if (!isAddress(heap, wal) || !isAddress(heap, buffers)) return undefined;
    this.#wal = wal;
    this.#buffers = buffers;
    return (this.#memory = new DataView(heap.buffer));
  }
}

const isAddress = (heap: Uint8Array, address: unknown): address is number =>
  typeof address === "number" && address > 0 && address + STRUCT_BYTES <= heap.length;

const HIGH = 0x1_0000_0000;

/** Returns a number of 64 bits, which are not allocated as a `BigInt` would be. */
const longAt = (memory: DataView, at: number): number =>
  memory.getUint32(at, true) + memory.getUint32(at + 4, true) * HIGH;
