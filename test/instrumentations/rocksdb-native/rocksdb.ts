import { createRequire } from "node:module";
// The package is observed from when it is loaded.
import "../../helpers/observed.ts";

/** What the tests use of rocksdb-native, which has no types. */
export interface RocksDB {
  readonly path: string;
  readonly opened: boolean;
  readonly stats: Readonly<Record<string, number>>;
  ready(): Promise<void>;
  close(options?: { force?: boolean }): Promise<void>;
  suspend(): Promise<void>;
  resume(): Promise<void>;
  get(key: unknown, options?: object): Promise<Buffer | null>;
  put(key: unknown, value: unknown, options?: object): Promise<void>;
  delete(key: unknown): Promise<void>;
  deleteRange(start: unknown, end: unknown): Promise<void>;
  read(options?: object): Batch;
  write(options?: object): Batch;
  iterator(range?: object, options?: object): AsyncIterable<Entry> & { destroy(): void };
  keys(range?: object): AsyncIterable<Buffer>;
  peek(range?: object): Promise<Entry | null>;
  session(options?: object): RocksDB;
  columnFamily(name: string, options?: object): RocksDB;
  snapshot(): RocksDB;
  flush(): Promise<void>;
  compact(options?: object): Promise<void>;
  compactRange(...range: unknown[]): Promise<void>;
  approximateSize(start: unknown, end: unknown, options?: object): Promise<number>;
  getProperty(name: string): Promise<string | undefined>;
  currentWalFile(): Promise<{ size: number }>;
}

export interface Entry {
  readonly key: Buffer;
  readonly value: Buffer | null;
}

export interface Batch {
  get(key: unknown): Promise<Buffer | null>;
  put(key: unknown, value: unknown): Promise<void>;
  tryPut(key: unknown, value: unknown): void;
  delete(key: unknown): Promise<void>;
  tryDelete(key: unknown): void;
  tryDeleteRange(start: unknown, end: unknown): void;
  flush(): Promise<void>;
  tryFlush(): void;
  destroy(): void;
}

export type Module = (new (path: string, options?: object) => RocksDB) & {
  readonly constants: Readonly<Record<string, Readonly<Record<string, number>>>>;
};

export const RocksDB: Module = createRequire(import.meta.url)("rocksdb-native") as Module;
