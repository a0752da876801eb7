import { createRequire } from "node:module";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { libsql } from "../../../instrumentations/libsql/index.ts";
import { testEngine } from "../../conformance/engine.ts";
import { settledOutcomeOf } from "../../conformance/outcome.ts";
import { copyOf, count } from "../../helpers/observed.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

const require = createRequire(import.meta.url);

/** The class, of which both modules of the package have one: in the other one, some methods return promises. */
interface Statement {
  run(...values: unknown[]): { readonly changes: number };
  get(...values: unknown[]): unknown;
  all(...values: unknown[]): unknown[] | Promise<unknown[]>;
  iterate(...values: unknown[]): IterableIterator<unknown> | Promise<IterableIterator<unknown>>;
  raw(): Statement;
  pluck(): Statement;
}
interface Db {
  readonly open: boolean;
  readonly inTransaction: boolean;
  readonly name: string;
  prepare(sql: string): Statement | Promise<Statement>;
  exec(sql: string): void | Promise<void>;
  pragma(source: string, options?: object): unknown;
  transaction(work: (...args: never[]) => unknown): Transaction;
  backup(file: string): unknown;
  serialize(): unknown;
  function(name: string, code: () => void): unknown;
  sync(): unknown;
  close(): void;
}
type Transaction = ((...args: unknown[]) => unknown) & Record<"deferred" | "immediate" | "exclusive", () => unknown>;
type Module = (new (file: string, options?: object) => Db) & { readonly prototype: Db };

async function filled(Database: Module): Promise<Db> {
  const db = new Database(":memory:");
  await db.exec(
    "CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT UNIQUE); INSERT INTO kv VALUES (1, 'a'), (2, 'b'), (3, 'c')",
  );
  return db;
}

const prepared = async (Database: Module, sql: string): Promise<Statement> => (await filled(Database)).prepare(sql);

/** Removes the duration that libsql adds to rows and results. */
const plain = (result: unknown): unknown =>
  JSON.parse(
    JSON.stringify(result ?? null, (name, value: unknown) => (/^(duration|_metadata)$/.test(name) ? undefined : value)),
  );

const EXERCISES: Readonly<Record<string, (Database: Module) => unknown>> = {
  run: async (Database) => plain((await prepared(Database, "INSERT INTO kv VALUES (?, ?)")).run(4, "d")),
  get: async (Database) => plain((await prepared(Database, "SELECT * FROM kv WHERE k = ?")).get(2)),
  "get of nothing": async (Database) => (await prepared(Database, "SELECT * FROM kv WHERE k = ?")).get(99),
  all: async (Database) => (await prepared(Database, "SELECT * FROM kv")).all(),
  "all, raw": async (Database) => (await prepared(Database, "SELECT * FROM kv")).raw().all(),
  "all, plucked": async (Database) => (await prepared(Database, "SELECT v FROM kv")).pluck().all(),
  iterate: async (Database) => [...(await (await prepared(Database, "SELECT * FROM kv")).iterate())],
  "iterate, given up": async (Database) => {
    const statement = await prepared(Database, "SELECT k FROM kv");
    const [row] = await statement.iterate();
    const iterator = await statement.iterate();
    return [row, iterator.next(), Object.keys(iterator), iterator.return, iterator[Symbol.iterator]() === iterator];
  },
  "more rows than are fetched at once": async (Database) => {
    const rows = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250) SELECT i FROM n";
    return [...(await (await prepared(Database, rows)).iterate())].length;
  },
  exec: async (Database) => (await filled(Database)).exec("DELETE FROM kv; VACUUM"),
  "exec of what is no SQL": async (Database) => (await filled(Database)).exec("SELEKT"),
  "exec of no text": async (Database) => (await filled(Database)).exec(42 as never),
  "prepare of what is no SQL": (Database) => prepared(Database, "SELEKT"),
  "a violated constraint": async (Database) => (await prepared(Database, "INSERT INTO kv VALUES (1, 'x')")).run(),
  "a violated constraint in all": async (Database) =>
    (await prepared(Database, "INSERT INTO kv VALUES (1, 'x') RETURNING k")).all(),
  "a violated constraint in an iteration": async (Database) => [
    ...(await (await prepared(Database, "INSERT INTO kv VALUES (1, 'x') RETURNING k")).iterate()),
  ],
  pragma: async (Database) => (await filled(Database)).pragma("user_version"),
  "pragma, simple": async (Database) => plain(await (await filled(Database)).pragma("user_version", { simple: true })),
  transaction: async (Database) => {
    const db = await filled(Database);
    const insert = db.transaction((v: string) => db.exec(`INSERT INTO kv (v) VALUES ('${v}')`));
    await insert("x");
    await db.transaction(() => {}).immediate();
    return [db.inTransaction, typeof insert.exclusive, await (await db.prepare("SELECT v FROM kv")).all()];
  },
  "a transaction that throws": async (Database) => {
    const db = await filled(Database);
    const fail = db.transaction(() => {
      throw new RangeError("mine");
    });
    return [await settledOutcomeOf(() => fail()), db.inTransaction];
  },
  "a nested transaction": async (Database) => {
    const db = await filled(Database);
    return db.transaction(() => db.transaction(() => {})())();
  },
  backup: async (Database) => (await filled(Database)).backup("copy.db"),
  serialize: async (Database) => (await filled(Database)).serialize(),
  function: async (Database) => (await filled(Database)).function("f", () => {}),
  sync: async (Database) => (await filled(Database)).sync(),
  "a closed database": async (Database) => {
    const db = await filled(Database);
    db.close();
    db.close();
    return [
      db.open,
      await settledOutcomeOf(() => db.prepare("SELECT 1")),
      await settledOutcomeOf(() => db.exec("SELECT 1")),
    ];
  },
  "a statement of a closed database": async (Database) => {
    const db = await filled(Database);
    const statement = await db.prepare("INSERT INTO kv VALUES (1, 'x')");
    db.close();
    return settledOutcomeOf(() => statement.run());
  },
  "a method called on something else": (Database) =>
    settledOutcomeOf(() => Database.prototype.exec.call({} as Db, "SELECT 1")),
  "a subclass": async (Database) => {
    class Dictionary extends Database {}
    const db = await filled(Dictionary);
    return [db instanceof Database, db.constructor.name, await db.pragma("user_version")];
  },
  "a database that does not open": (Database) =>
    settledOutcomeOf(() => new Database("/nowhere/at/all.db").exec("SELECT 1 FROM t")),
};

testEngine<Module>(libsql, {
  async observedObjects(Database) {
    return [Database.prototype, Object.getPrototypeOf(await prepared(Database, "SELECT 1")) as object];
  },
  throwing(Database, error) {
    new Database(":memory:").transaction(() => {
      throw error;
    })();
  },
  async perform(Database, name, operations) {
    const db = new Database(join(temporaryFolder(), `${name}.db`));
    const statement = await db.prepare("SELECT 1");
    for (let i = 0; i < operations; i++) statement.get();
    db.close();
  },
  exercises: EXERCISES,
});

describe("the asynchronous class of libsql", () => {
  /** Loads the second module of a copy of the package, the first of which has just been loaded. */
  function promised(isObserved: boolean): Module {
    copyOf("libsql", isObserved);
    const first = Object.keys(require.cache).findLast((file) => file.endsWith("/libsql/index.js"))!;
    return require(join(first, "../promise.js")) as Module;
  }

  it("returns and throws what it does unobserved", async () => {
    const [bare, observed] = [promised(false), promised(true)];
    for (const [title, exercise] of Object.entries(EXERCISES)) {
      const expected = await settledOutcomeOf(() => exercise(bare));
      expect(await settledOutcomeOf(() => exercise(observed)), title).to.deep.equal(expected);
    }
  });

  it("counts every operation once", async () => {
    const Database = promised(true);
    const db = new Database(join(temporaryFolder(), "promised.db"));
    const statement = await db.prepare("SELECT 1 AS one");
    for (let i = 0; i < 5; i++) statement.get();
    for (let i = 0; i < 5; i++) await statement.all();
    for (let i = 0; i < 5; i++) [...(await statement.iterate())];
    db.close();
    const of = { "db.namespace": "promised", "db.operation.name": "SELECT" };
    expect(await count("db.client.operation.duration", of)).to.equal(15);
    expect(await count("storage.operation.records", of)).to.equal(15);
  });
});
