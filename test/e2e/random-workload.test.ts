import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { App, REGISTER } from "../helpers/app.ts";
import { Receiver } from "../helpers/receiver.ts";
import { BINDINGS } from "../helpers/sqlite-app.ts";

/**
 * An application that does 20,000 things at random, the same in each run, and counts them itself: what it was told
 * to do is the model its telemetry has to equal.
 */
const application = (binding: string): string => `${BINDINGS[binding]}
const { createHash } = require("node:crypto");
let state = 42;
const random = (n) => { state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff; return (state >>> 8) % n; };
const model = { runs: {}, errors: {}, transactions: {}, read: 0, written: 0 };
const count = (counts, key, n = 1) => { counts[key] = (counts[key] ?? 0) + n; };
const hash = createHash("sha256");
let transaction; // what of the model the open one will be
function operation(name, call, wrote = false) {
  count(model.runs, name);
  try {
    const result = call();
    if (transaction) transaction.failed = false;
    else if (wrote) count(model.transactions, "autocommit commit");
    return result;
  } catch (error) {
    count(model.errors, name);
    hash.update(error.message);
    if (transaction) transaction.failed = true;
    else if (wrote) count(model.transactions, "autocommit error");
  }
}
const control = (name, call) => { count(model.runs, name); call(); };
function end(db, how) {
  control(how, () => db.exec(how));
  count(model.transactions, "deferred " + (how === "COMMIT" ? "commit" : transaction.failed ? "error" : "rollback"));
  transaction = undefined;
}
for (let database = 0; database < 4; database++) {
  const db = open("random" + database + ".db");
  count(model.runs, "PRAGMA journal_mode"); db.exec("PRAGMA journal_mode = WAL");
  count(model.runs, "CREATE TABLE"); db.exec("CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT)"); count(model.transactions, "autocommit commit");
  const prepare = (sql) => { count(model.runs, "PREPARE"); return db.prepare(sql); };
  const insert = prepare("INSERT INTO kv VALUES (?, ?)"), update = prepare("UPDATE kv SET v = ? WHERE k % 7 = ?");
  const remove = prepare("DELETE FROM kv WHERE k = ?"), get = prepare("SELECT v FROM kv WHERE k = ?"), list = prepare("SELECT k FROM kv ORDER BY k LIMIT 30");
  const changed = (result) => { if (result) model.written += Number(result.changes); };
  const actions = [
    () => changed(operation("INSERT kv", () => insert.run(random(400), "v" + random(99)), true)),
    () => changed(operation("UPDATE kv", () => update.run("u" + random(9), random(7)), true)),
    () => changed(operation("DELETE kv", () => remove.run(random(400)), true)),
    () => { const row = operation("SELECT kv", () => get.get(random(400))); if (row) { model.read++; hash.update(row.v); } },
    () => { for (const row of operation("SELECT kv", () => list.all())) { model.read++; hash.update(String(row.k)); } },
    () => { const stop = random(30); let n = 0; count(model.runs, "SELECT kv"); for (const row of list.iterate()) { n++; hash.update(String(row.k)); if (n > stop) break; } model.read += n; if (transaction) transaction.failed = false; },
    () => { if (!transaction) { control("BEGIN", () => db.exec("BEGIN")); transaction = { failed: false }; } },
    () => { if (transaction) end(db, random(3) === 0 ? "ROLLBACK" : "COMMIT"); },
    () => { if (transaction) { control("SAVEPOINT", () => db.exec("SAVEPOINT s")); control("RELEASE", () => db.exec("RELEASE s")); } },
    () => operation("PREPARE", () => db.prepare("SELEKT " + random(9))),
    () => { if (!transaction) { count(model.runs, "BATCH"); db.exec("BEGIN; UPDATE kv SET v = 'b' WHERE k = 1; COMMIT; DELETE FROM kv WHERE k = " + random(400)); count(model.transactions, "deferred commit"); count(model.transactions, "autocommit commit"); } },
  ];
  for (let i = 0; i < 5000; i++) actions[random(actions.length)]();
  for (const row of prepare("SELECT * FROM kv ORDER BY k").all()) { model.read++; hash.update(row.k + row.v); }
  count(model.runs, "SELECT kv"); if (transaction) transaction.failed = false;
  if (transaction) { count(model.transactions, "deferred rollback"); transaction = undefined; }
  db.close();
}
console.log(JSON.stringify({ ...model, content: hash.digest("hex") }));
`;

interface Model {
  readonly runs: Record<string, number>;
  readonly errors: Record<string, number>;
  readonly transactions: Record<string, number>;
  readonly read: number;
  readonly written: number;
  readonly content: string;
}

describe("a long workload at random", () => {
  const receiver = new Receiver();
  before(() => receiver.start());
  after(() => receiver.close());

  const flags = ["--disable-warning=ExperimentalWarning"];

  /** The points of a metric, summed up by what they are named after. */
  function sums(
    metric: string,
    key: (attributes: Readonly<Record<string, unknown>>) => string | undefined,
  ): Record<string, number> {
    const found: Record<string, number> = {};
    for (const { attributes, count, asInt } of receiver.latest.get(metric)!.points) {
      const name = key(attributes);
      if (name !== undefined) found[name] = (found[name] ?? 0) + Number(count ?? asInt);
    }
    return found;
  }

  for (const binding of Object.keys(BINDINGS)) {
    it(`is counted exactly as it was done, and leaves the same data, with ${binding}`, async () => {
      receiver.clear();
      const bare = await new App({ "app.cjs": application(binding) }).run("app.cjs", { flags });
      const observed = await new App({ "app.cjs": application(binding) }).run("app.cjs", {
        flags: [...flags, "--require", REGISTER],
        env: receiver.env,
      });
      expect(observed).to.deep.equal(bare);
      const model = JSON.parse(bare.stdout) as Model;
      const summary = (attributes: Readonly<Record<string, unknown>>): string => String(attributes["db.query.summary"]);
      expect(sums("db.client.operation.duration", summary)).to.deep.equal(model.runs);
      expect(
        sums("db.client.operation.duration", (each) => ("error.type" in each ? summary(each) : undefined)),
      ).to.deep.equal(model.errors);
      expect(
        sums(
          "storage.transaction.duration",
          (each) => `${String(each["storage.transaction.mode"])} ${String(each["storage.transaction.outcome"])}`,
        ),
      ).to.deep.equal(model.transactions);
      expect(sums("storage.operation.records", (each) => String(each["disk.io.direction"]))).to.deep.equal({
        read: model.read,
        write: model.written,
      });
    });
  }
});
