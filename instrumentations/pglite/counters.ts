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
  #memory: DataView | undefined;
  #last: readonly [records: number, bytes: number, pages: number] | undefined;

  constructor({ attributes }: Instance) {
    this.#records = recordsOf.bind(attributes);
    this.#bytes = bytesOf.bind({ ...attributes, [ATTR_STORAGE_FILE_TYPE]: "wal", [ATTR_DISK_IO_DIRECTION]: "write" });
  }

  /** Counts what was done since it was called last; returns undefined if PostgreSQL does not tell. */
  count(module: PostgresModule | undefined): Usage | undefined {
    const now = module && this.#read(module);
    const last = this.#last;
    this.#last = now;
    if (now === undefined || last === undefined) return undefined;
    const [records, bytes, pages] = [now[0] - last[0], now[1] - last[1], now[2] - last[2]];
    if (records > 0) this.#records.add(records);
    if (bytes > 0) this.#bytes.add(bytes);
    return { walBytes: bytes, pages };
  }

  #read(module: PostgresModule): [records: number, bytes: number, pages: number] | undefined {
    const { _pgWalUsage: wal, _pgBufferUsage: buffers } = module;
    if (!isAddress(module, wal) || !isAddress(module, buffers)) return undefined;
    const { buffer } = module.HEAPU8;
    if (this.#memory?.buffer !== buffer) this.#memory = new DataView(buffer);
    const memory = this.#memory;
    return [
      longAt(memory, wal + WAL_RECORDS),
      longAt(memory, wal + WAL_BYTES),
      longAt(memory, buffers + SHARED_WRITTEN),
    ];
  }
}

const isAddress = ({ HEAPU8 }: PostgresModule, address: unknown): address is number =>
  typeof address === "number" && address > 0 && address + STRUCT_BYTES <= HEAPU8.length;

const HIGH = 0x1_0000_0000;

/** Returns a number of 64 bits, which are not allocated as a `BigInt` would be. */
const longAt = (memory: DataView, at: number): number =>
  memory.getUint32(at, true) + memory.getUint32(at + 4, true) * HIGH;
