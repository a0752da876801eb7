/** The package sqlite3, as the tests use it: its own types differ from version to version. */
type Done = (this: Statement, error: Error | null, result?: unknown) => void;

export interface Statement {
  readonly sql: string;
  readonly lastID?: number;
  readonly changes?: number;
  run(...args: unknown[]): Statement;
  get(...args: unknown[]): Statement;
  all(...args: unknown[]): Statement;
  each(...args: unknown[]): Statement;
  map(...args: unknown[]): Statement;
  bind(...args: unknown[]): Statement;
  reset(done?: Done): Statement;
  finalize(done?: Done): Db;
  on(event: string, listener: (...args: never[]) => void): Statement;
}

interface Backup {
  readonly completed: boolean;
  readonly failed: boolean;
  readonly remaining: number;
  readonly pageCount: number;
  step(pages: number, done?: Done): Backup;
  finish(done?: Done): Backup;
}

export interface Db {
  readonly open: boolean;
  readonly filename: string;
  prepare(sql: string, ...args: unknown[]): Statement;
  run(sql: string, ...args: unknown[]): Db;
  get(sql: string, ...args: unknown[]): Db;
  all(sql: string, ...args: unknown[]): Db;
  each(sql: string, ...args: unknown[]): Db;
  map(sql: string, ...args: unknown[]): Db;
  exec(sql: string, done?: Done): Db;
  close(done?: Done): Db;
  backup(file: string, ...args: unknown[]): Backup;
  serialize(code?: () => void): Db;
  parallelize(code?: () => void): Db;
  wait(done?: Done): Db;
  on(event: string, listener: (...args: never[]) => void): Db;
  configure(name: string, value: unknown): void;
}

export interface Sqlite3 {
  readonly Database: (new (file: string, ...args: unknown[]) => Db) & { readonly prototype: Db };
  readonly Statement: (new (db: Db, sql: string, done?: unknown) => Statement) & { readonly prototype: Statement };
  readonly Backup: { readonly prototype: Backup };
  readonly cached: { Database(this: void, file: string, done?: unknown): Db };
  verbose(): Sqlite3;
}

/** Calls a method that ends with a callback. @returns the `this` of the callback and its result */
export const settled = <This = Statement>(call: (done: Done) => unknown): Promise<readonly [This, unknown]> =>
  new Promise((resolve, reject) => {
    call(function done(error, result) {
      if (error) reject(error);
      else resolve([this as This, result]);
    });
  });

/** Calls a method that ends with a callback. @returns its result */
export const resultOf = async (call: (done: Done) => unknown): Promise<unknown> => (await settled(call))[1];

export async function opened({ Database }: Sqlite3, file = ":memory:"): Promise<Db> {
  let db: Db;
  await settled((done) => (db = new Database(file, done)));
  return db!;
}

export const closed = (db: Db): Promise<unknown> => settled((done) => db.close(done));
