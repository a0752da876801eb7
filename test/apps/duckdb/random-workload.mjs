// Does a thousand things at random, the same in each run, and counts them itself: that is the model its telemetry has to equal.
import { createHash } from "node:crypto";
import { createRequire } from "node:module";

const isModule = process.argv[2] === "import";
const { DuckDBInstance } = isModule
  ? await import("@duckdb/node-api")
  : createRequire(import.meta.url)("@duckdb/node-api");

let state = 42;
const random = (n) => {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return (state >>> 8) % n;
};
/** Operations and failures by summary, transactions by mode and outcome, rows. */
const model = { runs: {}, errors: {}, transactions: {}, read: 0, written: 0 };
const count = (counts, key, n = 1) => (counts[key] = (counts[key] ?? 0) + n);
const hash = createHash("sha256");

const instance = await DuckDBInstance.create("random.duckdb", { threads: "1" });
count(model.runs, "OPEN");

const changed = async (result) => Number((await result).rowsChanged);
const rows = async (reader) => (await reader).currentRowCount;
const WRITE = { wrote: true };

/** What an actor does, each as likely as the others. */
const STEPS = [
  (actor) => actor.boundary(),
  (actor) => actor.boundary(),
  (actor, { key, value }) =>
    actor.act("INSERT kv", (db) => changed(db.run(`INSERT INTO kv VALUES (${key}, '${value}')`)), WRITE),
  // Of two connections that insert a key, DuckDB refuses one or the other, as it happens.
  (actor, { key }) =>
    actor.transaction ?? actor.act("INSERT once", (db) => changed(db.run(`INSERT INTO once VALUES (${key})`)), WRITE),
  (actor, { key, value }) =>
    actor.act("UPDATE kv", (db) => changed(db.run("UPDATE kv SET v = $1 WHERE k = $2", [value, key])), WRITE),
  (actor, { key }) => actor.act("DELETE kv", (db) => changed(db.run("DELETE FROM kv WHERE k = $k", { k: key })), WRITE),
  (actor) => actor.act("SELECT kv", (db) => rows(db.runAndReadAll("FROM kv WHERE v <> $$secret-x$$ ORDER BY k"))),
  (actor, { key }) => actor.act("SELECT kv", () => actor.lookUp(key)),
  (actor) =>
    actor.act("SELECT range", (db) => rows(db.streamAndReadAll("SELECT range FROM range($1)", [random(5_000)]))),
  (actor) => actor.act("SELECT kv", (db) => rows(db.startThenReadAll("SELECT k FROM kv WHERE k > 3"))),
  // Few of the transactions are given up before they meet another one.
  (actor, { value }) =>
    actor.transaction !== undefined && random(5) > 0
      ? undefined
      : actor.act("SELECT", (db) => db.run("SELECT $1::INTEGER", [value])),
  (actor) => actor.act("SELECT secret_table", (db) => db.run("FROM secret_table"), { isFatal: false }),
  (actor, { key }) => actor.act("APPEND kv", () => actor.append(key), WRITE),
];

/** One connection, with what is known of its transaction. */
class Actor {
  async open() {
    this.connection = await instance.connect();
    this.get = await this.connection.prepare("SELECT v FROM kv WHERE k = $1");
    count(model.runs, "PREPARE");
    return this;
  }

  step() {
    const chance = { key: random(8), value: `secret-${random(1_000)}` };
    return STEPS[random(STEPS.length)](this, chance);
  }

  /** Runs a statement, and follows what DuckDB makes of it. */
  async act(summary, call, { wrote = false, isFatal = true } = {}) {
    count(model.runs, summary);
    try {
      const found = await call(this.connection);
      if (found !== undefined) model[wrote ? "written" : "read"] += found;
      if (this.transaction !== undefined) this.transaction.hasFailed = false;
      else if (wrote) count(model.transactions, "autocommit commit");
    } catch (error) {
      count(model.errors, summary);
      hash.update(error.message);
      this.failed(error, wrote, isFatal);
    }
  }

  failed({ message }, wrote, isFatal) {
    const outcome = message.includes("Conflict") ? "conflict" : "error";
    if (this.transaction !== undefined) this.transaction.hasFailed = true;
    if (!isFatal) return;
    if (this.transaction !== undefined) this.transaction.outcome ??= outcome;
    else if (wrote) count(model.transactions, `autocommit ${outcome}`);
  }

  boundary() {
    if (this.transaction === undefined) return this.control("BEGIN");
    return this.control(random(4) ? "COMMIT" : "ROLLBACK");
  }

  async control(sql) {
    count(model.runs, sql);
    await this.connection.run(sql);
    if (sql === "BEGIN") {
      this.transaction = {};
      return;
    }
    const { outcome, hasFailed } = this.transaction;
    // The application rolls back because of the failure, as far as can be told.
    const own = sql === "COMMIT" ? "commit" : hasFailed ? "error" : "rollback";
    count(model.transactions, `optimistic ${outcome ?? own}`);
    this.transaction = undefined;
  }

  async lookUp(key) {
    this.get.bindInteger(1, key);
    const reader = await this.get.runAndReadAll();
    hash.update(JSON.stringify(reader.getRows()));
    return reader.currentRowCount;
  }

  async append(key) {
    const appender = await this.connection.createAppender("kv");
    for (let i = 0; i < 3; i++) {
      appender.appendInteger(1_000 + key * 10 + i);
      appender.appendVarchar("secret-appended");
      appender.endRow();
    }
    appender.closeSync();
    return 3;
  }
}

const first = await instance.connect();
for (const columns of ["kv (k INTEGER, v TEXT)", "once (k INTEGER PRIMARY KEY)"]) {
  count(model.runs, "CREATE TABLE");
  await first.run(`CREATE TABLE ${columns}`);
  count(model.transactions, "autocommit commit");
}
const actors = [await new Actor().open(), await new Actor().open(), await new Actor().open()];
for (let i = 0; i < 1_000; i++) await actors[random(actors.length)].step();
for (const actor of actors) if (actor.transaction !== undefined) await actor.control("COMMIT");
count(model.runs, "SELECT kv");
const all = await first.runAndReadAll("FROM kv ORDER BY k");
model.read += all.currentRowCount;
hash.update(JSON.stringify(all.getRows()));
for (const { connection } of [{ connection: first }, ...actors]) connection.closeSync();
instance.closeSync();
console.log(JSON.stringify({ ...model, content: hash.digest("hex") }));
