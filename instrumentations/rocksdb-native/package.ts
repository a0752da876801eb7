/** The part of rocksdb-native that the instrumentation uses. */

/** Database, or a session of one: with a column family, a snapshot or encodings of its own. */
export interface Session {
  readonly _state: State;
  readonly _columnFamily: ColumnFamily;
  readonly _snapshot: Snapshot | null;
}

/** What the sessions of one database share. */
export interface State {
  readonly path: unknown;
  /** The session that the application made first. */
  readonly db: Session;
  readonly opened: boolean;
  /** Promise of the end, from when the database is being closed. */
  readonly closing: unknown;
  readonly closed: boolean;
  /** Not null while the database is suspended. */
  readonly resumed: unknown;
  readonly columnFamilies: readonly ColumnFamily[];
  /** Asks the engine at once if the database is open and not suspended. */
  getProperty(name: string, session: { readonly _columnFamily: ColumnFamily }): Promise<string | undefined>;
}

export interface ColumnFamily {
  readonly name: string;
}

export interface Snapshot {
  /** Null before the database is open, and after the end of the last session that used it. */
  readonly _handle: unknown;
}

/** Batch of reads or of writes. `get`, `put` and the like make one of their own. */
export interface Batch {
  /** Null once it is destroyed. */
  readonly _db: Session | null;
  readonly _destroyed: boolean;
  /** Not null while the engine works on it. */
  readonly _request: unknown;
  /** Numbers of its operations. */
  readonly _stats: { readonly gets?: number; readonly puts?: number; readonly deletes?: number };
}

/** Stream of the records of a range. */
export interface RangeIterator {
  readonly _db: Session;
  readonly _values: boolean;
}
