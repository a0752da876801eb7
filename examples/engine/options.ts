/** Options of a database, and their defaults. */
export const DEFAULTS = {
  /** Writes are made durable one by one, in the groups that wait at a time, or by the operating system. */
  sync: "group" as "write" | "group" | "never",
  /** Size from which on a memtable is flushed. */
  memtableBytes: 1 << 20,
  /** Size from which on a value is moved to a value file when it is flushed. */
  valueBytes: 4 << 10,
  tableBytes: 1 << 20,
  /** Number of tables in level 0 from which on it is compacted. */
  level0Files: 4,
  /** Size from which on level 1 is compacted; each level below is ten times as large. */
  level1Bytes: 8 << 20,
  /** Number of tables in level 0, and of memtables being flushed, from which on writes wait. */
  stallLevel0Files: 12,
  stallMemtables: 3,
};

export type Options = Readonly<typeof DEFAULTS>;
