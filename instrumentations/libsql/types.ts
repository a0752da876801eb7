/** The parts of the package that are used here; the asynchronous class has the same methods. */
export interface Db {
  /** Native handle. */
  readonly db: object;
  /** False once it was closed; the asynchronous class leaves it as it is. */
  readonly open: boolean;
  /** Asks SQLite, and waits for a statement that runs in another thread. */
  readonly inTransaction: boolean;
  prepare(sql: string): unknown;
}

export interface Statement {
  raw(): Statement;
  get(): unknown;
}

export interface DatabaseClass {
  readonly prototype: Db;
}

/** Native code. */
export type Native = Readonly<Record<string, unknown>>;
