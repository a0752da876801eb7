// Random calls of better-sqlite3.
"use strict";
const { rmSync } = require("node:fs");
const { join } = require("node:path");
const Database = require(process.env.FUZZ_PACKAGE ?? "better-sqlite3");
const { folder, shown, scrubbed, described, descriptors, THROWERS, recorder, doSome, runSeeds } = require("./lib.cjs");
const { SCHEMA, FULL_TEXT, anySql, anyArguments, anyFunction, readSome } = require("./sql.cjs");

class Derived extends Database {
  constructor(...rest) {
    super(...rest);
    this.prepared = 0;
  }
  prepare(...rest) {
    this.prepared++;
    return super.prepare(...rest);
  }
}

const OPTIONS = [undefined, {}, {}, { timeout: 50 }, { readonly: true }, { fileMustExist: true }, null, 5];

const AGGREGATES = [
  { start: 0, step: (total, x) => total + (x ?? 0) },
  { start: () => [], step: (list, x) => void list.push(x), result: (list) => list.length },
  { start: 0, step: (total) => total + 1, inverse: (total) => total - 1 },
  { start: 0, step: THROWERS[0] },
  {},
];

const TABLES = [
  {
    columns: ["x", "y"],
    *rows() {
      yield [1, 2];
      yield { x: 3, y: 4 };
      yield [5];
    },
  },
  {
    columns: ["x"],
    rows: THROWERS[0],
  },
  {
    columns: ["x"],
    parameters: ["p"],
    *rows(p) {
      yield [String(p)];
    },
  },
  { columns: [], *rows() {} },
];

const PRAGMAS = [
  ...["user_version", "journal_mode", "cache_size = 100", "table_info(t)", "wal_checkpoint(TRUNCATE)"],
  ...["foreign_keys", "integrity_check", "busy_timeout", "", 5],
];

/** Replaces a method as other instrumentations do. */
const replacement = (original) =>
  function prepare(...rest) {
    return Reflect.apply(original, this, rest);
  };

async function run(chance, log, seed) {
  const file = join(folder, `${seed}.db`);
  const pending = [];
  const tried = recorder(log);
  let backups = 0;

  const options = () => (chance.is(0.1) ? { verbose: (sql) => log(`verbose ${scrubbed(sql)}`) } : chance.one(OPTIONS));
  const verbose = chance.is(0.1) ? { verbose: (sql) => log(`verbose ${scrubbed(sql)}`) } : {};
  const first = new (chance.one([Database, Derived]))(chance.one([":memory:", file]), verbose);
  const databases = [first];
  const statements = [];
  const iterators = [];
  for (const sql of [SCHEMA, FULL_TEXT]) tried("schema", () => first.exec(sql).name);
  const db = () => (chance.is(0.85) ? first : chance.one(databases)) ?? first;
  const withOne = (list, act) => {
    const one = chance.one(list);
    if (one !== undefined) act(one);
  };

  const bodies = [
    (d) => (x) => d.prepare("INSERT INTO t(a) VALUES (?)").run(String(x)),
    (d) => () => {
      d.exec("INSERT INTO t(a) VALUES ('rolled back')");
      throw new Error("rolled back");
    },
    () => async () => 1,
    (d) =>
      function (...rest) {
        return [this === d, rest.length];
      },
    (d) => () => d.transaction(() => d.exec("INSERT INTO t(a) VALUES ('nested')").open)(),
    (d) => () => d.exec("ROLLBACK").open,
    (d) => () => d.exec("COMMIT").open,
  ];

  const acts = {
    open() {
      const path = chance.one([":memory:", file, file, "", join(folder, "no", "x.db"), 7, undefined]);
      const opened = tried("open", () => new (chance.one([Database, Database, Derived]))(path, options()));
      if (opened !== undefined) databases.push(opened);
    },
    exec: () => tried("exec", () => db().exec(anySql(chance)) === first),
    prepare() {
      const statement = tried("prepare", () => db().prepare(anySql(chance)));
      if (statement !== undefined) statements.push(statement);
    },
    run: () =>
      withOne(statements, (statement) => {
        const methods = ["run", "get", "all", "run", "get", "all", "bind", "pluck", "expand", "raw", "columns"];
        const method = chance.one(methods);
        tried(method, () => {
          const result = statement[method](...anyArguments(chance));
          return result === statement ? "itself" : result;
        });
      }),
    statement: () =>
      withOne(statements, (s) => tried("statement", () => [s.source, s.reader, s.readonly, s.busy, Object.keys(s), s])),
    database: () =>
      tried("database", () => {
        const d = db();
        return [d.name, d.open, d.inTransaction, d.readonly, d.memory, Object.keys(d), d.prepared, d];
      }),
    iterate: () =>
      withOne(statements, (statement) => {
        const iterator = tried("iterate", () => statement.iterate(...anyArguments(chance)));
        if (iterator !== undefined) iterators.push(iterator);
      }),
    iterator: () =>
      withOne(iterators, (iterator) => {
        const method = chance.one(["next", "next", "next", "return", "throw"]);
        tried(method, () => iterator[method](...anyArguments(chance)));
      }),
    read: () =>
      withOne(statements, (statement) => {
        const around = { db: first, shown, everyStatement: statements };
        tried("read", () => readSome(chance, statement, around));
      }),
    spread: () => withOne(statements, (s) => tried("spread", () => [...s.iterate(...anyArguments(chance))].length)),
    transaction: () =>
      tried("transaction", () => {
        const d = db();
        const transaction = d.transaction(chance.one(bodies)(d));
        const way = chance.one([transaction, transaction.deferred, transaction.immediate, transaction.exclusive]);
        const result = way.apply(chance.one([undefined, {}, d]), anyArguments(chance));
        return [result, d.inTransaction, transaction.database === d, transaction.name, transaction.length];
      }),
    function: () =>
      tried("function", () => {
        const own = chance.one([{}, { varargs: true }, { deterministic: true }, { directOnly: true }]);
        db().function(chance.one(["f1", "f2", ""]), own, anyFunction(chance, first));
      }),
    aggregate: () => tried("aggregate", () => void db().aggregate("agg", chance.one(AGGREGATES))),
    table: () => tried("table", () => void db().table(chance.one(["vt", "vt2"]), chance.one(TABLES))),
    pragma: () =>
      tried("pragma", () => db().pragma(chance.one(PRAGMAS), chance.one([undefined, {}, { simple: true }, null, 1]))),
    serialize: () =>
      tried("serialize", () => db().serialize(chance.one([undefined, {}, { attached: "no" }])).length > 0),
    unsafe: () => tried("unsafe", () => db().unsafeMode(chance.one([true, false, undefined])) === first),
    integers: () => tried("integers", () => db().defaultSafeIntegers(chance.one([true, false])) === first),
    borrowed() {
      const method = chance.one(["prepare", "exec", "transaction", "pragma", "close", "serialize", "function"]);
      const owners = [
        undefined,
        null,
        5,
        {},
        Database.prototype,
        Object.create(first),
        new Proxy(first, {}),
        { name: "" },
      ];
      tried(`borrowed ${method}`, () => Reflect.apply(Database.prototype[method], chance.one(owners), ["SELECT 1"]));
    },
    borrowedStatement: () =>
      withOne(statements, (statement) => {
        const method = chance.one(["run", "get", "all", "iterate", "bind"]);
        const owners = [undefined, {}, Object.getPrototypeOf(statement), Object.create(statement), first];
        tried(`borrowed ${method}`, () => Reflect.apply(statement[method], chance.one(owners), []));
      }),
    prototypes: () =>
      tried("prototypes", () =>
        [Database.prototype, statements[0], iterators[0]]
          .filter(Boolean)
          .flatMap((each, i) => descriptors(i === 0 ? each : Object.getPrototypeOf(each))),
      ),
    replaced() {
      const original = Database.prototype.prepare;
      tried("replaced", () => {
        Database.prototype.prepare = replacement(original);
        try {
          return new Database(":memory:").prepare("SELECT 3 AS three").get();
        } finally {
          Database.prototype.prepare = original;
        }
      });
    },
    backup() {
      const to = join(folder, `${seed}-${backups++}.backup`);
      const progress = [undefined, {}, { progress: () => 100 }, { progress: THROWERS[0] }, { progress: 5 }, null];
      const promise = tried("backup", () => db().backup(chance.one([to, "", 5]), chance.one(progress)));
      if (promise instanceof Promise) {
        pending.push(
          promise.then(
            (v) => `backup resolved ${shown(v)}`,
            (e) => `backup rejected ${described(e)}`,
          ),
        );
      }
    },
    close() {
      if (chance.is(0.05)) tried("close", () => db().close() === first);
      else if (databases.length > 1) tried("close another", () => databases.pop().close().open);
    },
  };

  await doSome(chance, acts, pending);
  for (const outcome of await Promise.all(pending)) log(outcome);
  for (const each of databases) tried("close", () => each.close().open);
  for (const path of [file, `${file}-wal`, `${file}-shm`]) rmSync(path, { force: true });
}

void runSeeds(run);
