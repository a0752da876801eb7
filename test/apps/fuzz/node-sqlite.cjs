// Random calls of node:sqlite; what a version of Node.js does not have is left out.
"use strict";
const { rmSync } = require("node:fs");
const { join } = require("node:path");
const { pathToFileURL } = require("node:url");
const sqlite = require("node:sqlite");
const { folder, shown, described, descriptors, THROWERS, recorder, doSome, runSeeds } = require("./lib.cjs");
const { SCHEMA, FULL_TEXT, anySql, anyArguments, anyFunction, readSome } = require("./sql.cjs");

const { DatabaseSync, StatementSync } = sqlite;

class Derived extends DatabaseSync {
  prepare(...rest) {
    return super.prepare(...rest);
  }
}

const OPTIONS = [
  ...[undefined, undefined, {}, { open: false }, { readOnly: true }, { enableForeignKeyConstraints: false }],
  ...[{ enableDoubleQuotedStringLiterals: true }, { allowExtension: true }, { timeout: 20 }, { readBigInts: true }],
  ...[{ returnArrays: true }, { allowBareNamedParameters: false }, { allowUnknownNamedParameters: true }, null, 5],
];

const AGGREGATES = [
  { start: 0, step: (total, x) => total + (x ?? 0) },
  { start: () => [], step: (list, x) => [...list, x], result: (list) => list.length },
  { start: 0, step: (total) => total + 1, inverse: (total) => total - 1 },
  { start: 0, step: THROWERS[0] },
  {},
];

const SETTERS = ["setReadBigInts", "setAllowBareNamedParameters", "setAllowUnknownNamedParameters", "setReturnArrays"];
const FLAGS = [true, false, undefined, 1];

/** Keeps what was made. */
const kept = (list, made) => (made === undefined ? 0 : list.push(made));

async function run(chance, log, seed) {
  const file = join(folder, `${seed}.db`);
  const pending = [];
  const tried = recorder(log);
  let backups = 0;

  const first = new (chance.one([DatabaseSync, Derived]))(chance.one([":memory:", file]));
  const databases = [first];
  const statements = [];
  const iterators = [];
  const sessions = [];
  const changesets = [];
  const stores = [];
  for (const sql of [SCHEMA, FULL_TEXT]) tried("schema", () => first.exec(sql));
  const db = () => (chance.is(0.85) ? first : chance.one(databases)) ?? first;
  const withOne = (list, act) => {
    const one = chance.one(list);
    if (one !== undefined) act(one);
  };

  const acts = {
    open() {
      const paths = [
        ":memory:",
        file,
        Buffer.from(file),
        pathToFileURL(file),
        "",
        join(folder, "no", "x"),
        7,
        undefined,
      ];
      const class_ = chance.one([DatabaseSync, DatabaseSync, Derived]);
      kept(
        databases,
        tried("open", () => new class_(chance.one(paths), chance.one(OPTIONS))),
      );
    },
    again: () => tried("again", () => db().open()),
    exec: () => tried("exec", () => db().exec(anySql(chance))),
    prepare: () =>
      kept(
        statements,
        tried("prepare", () => db().prepare(anySql(chance))),
      ),
    run: () =>
      withOne(statements, (statement) => {
        const method = chance.one(["run", "get", "all"]);
        tried(method, () => statement[method](...anyArguments(chance)));
      }),
    set: () =>
      withOne(statements, (statement) => {
        const method = chance.one(SETTERS);
        tried(method, () => statement[method](chance.one(FLAGS)));
      }),
    statement: () =>
      withOne(statements, (s) => tried("statement", () => [s.sourceSQL, s.expandedSQL, Object.keys(s), s])),
    database: () =>
      tried("database", () => {
        const d = db();
        return [d.isOpen, d.isTransaction, d.location?.(), Reflect.ownKeys(d), d];
      }),
    iterate: () =>
      withOne(statements, (s) =>
        kept(
          iterators,
          tried("iterate", () => s.iterate(...anyArguments(chance))),
        ),
      ),
    iterator: () =>
      withOne(iterators, (iterator) => {
        const method = chance.one(["next", "next", "next", "return", "throw"]);
        tried(method, () => iterator[method](...anyArguments(chance)));
      }),
    helpers: () =>
      withOne(iterators, (iterator) => {
        const ways = [
          () => iterator.map(shown).take(2).toArray(),
          () => iterator.drop(1).toArray().length,
          () => iterator.some(() => true),
          () => iterator.flatMap((row) => [row, row]).toArray().length,
          () => [...iterator].length,
        ];
        tried("helpers", chance.one(ways));
      }),
    read: () =>
      withOne(statements, (statement) => {
        tried("read", () => readSome(chance, statement, { db: first, shown, everyStatement: statements }));
      }),
    function: () =>
      tried("function", () => {
        const own = chance.one([{}, { varargs: true }, { deterministic: true }, { directOnly: true }]);
        db().function(chance.one(["f1", "f2", ""]), own, anyFunction(chance, first));
      }),
    aggregate: () => tried("aggregate", () => db().aggregate?.("agg", chance.one(AGGREGATES))),
    session: () =>
      kept(
        sessions,
        tried("session", () => db().createSession(chance.one([undefined, {}, { table: "t" }, { db: "main" }]))),
      ),
    changes: () =>
      withOne(sessions, (session) => {
        const method = chance.one(["changeset", "patchset", "changeset", "close"]);
        kept(
          changesets,
          tried(method, () => session[method]()),
        );
      }),
    apply: () =>
      withOne(changesets, (changeset) => {
        const ways = [undefined, {}, { onConflict: () => 0 }, { onConflict: THROWERS[0] }, { filter: () => true }];
        tried("apply", () => db().applyChangeset(changeset, chance.one(ways)));
      }),
    authorizer() {
      if (first.setAuthorizer === undefined || chance.is(0.6)) return;
      const ways = [null, null, (...rest) => (log(`authorizes ${rest.join()}`), 0), () => 1, () => 2, THROWERS[0], 5];
      tried("authorizer", () => db().setAuthorizer(chance.one(ways)));
    },
    store: () =>
      first.createTagStore &&
      kept(
        stores,
        tried("store", () => db().createTagStore()),
      ),
    tagged: () =>
      withOne(stores, (store) => {
        const ways = [
          () => store.all`SELECT * FROM t WHERE id > ${chance.below(4)}`,
          () => store.get`SELECT a FROM t WHERE id = ${chance.below(4)}`,
          () => store.run`INSERT INTO t(a) VALUES (${"tagged"})`,
          () => [...store.iterate`SELECT * FROM t`].length,
          () => store.get("SELECT 1"),
          () => store.get`SELEC ${1}`,
          () => store.clear(),
        ];
        tried("tagged", chance.one(ways));
      }),
    serialize: () =>
      first.serialize && tried("serialize", () => db().serialize(...chance.one([[], ["main"], ["nope"]])).length > 0),
    borrowed() {
      const method = chance.one(["prepare", "exec", "close", "open", "function"]);
      const owners = [undefined, null, 5, {}, DatabaseSync.prototype];
      tried(`borrowed ${method}`, () =>
        Reflect.apply(DatabaseSync.prototype[method], chance.one(owners), ["SELECT 1"]),
      );
    },
    borrowedStatement: () =>
      withOne(statements, (statement) => {
        const method = chance.one(["run", "get", "all", "iterate"]);
        const owners = [undefined, {}, StatementSync.prototype, Object.create(statement), new Proxy(statement, {})];
        tried(`borrowed ${method}`, () => Reflect.apply(statement[method], chance.one(owners), []));
      }),
    prototypes: () =>
      tried("prototypes", () => [DatabaseSync.prototype, StatementSync.prototype, sqlite].flatMap(descriptors)),
    backup() {
      if (sqlite.backup === undefined) return;
      const to = join(folder, `${seed}-${backups++}.backup`);
      const options = [
        [],
        [{}],
        [{ rate: 1 }],
        [{ source: "nope" }],
        [{ progress: THROWERS[0], rate: 1 }],
        [{ rate: "x" }],
      ];
      const promise = tried("backup", () =>
        sqlite.backup(db(), chance.one([to, pathToFileURL(to), 5]), ...chance.one(options)),
      );
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
      if (chance.is(0.05)) tried("close", () => db().close());
      else if (databases.length > 1) tried("close another", () => databases.pop().close());
    },
  };

  await doSome(chance, acts, pending);
  for (const outcome of await Promise.all(pending)) log(outcome);
  for (const each of databases) tried("close", () => each.close());
  for (const path of [file, `${file}-wal`, `${file}-shm`]) rmSync(path, { force: true });
}

void runSeeds(run);
