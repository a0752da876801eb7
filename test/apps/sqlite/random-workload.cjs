// Does 20,000 things at random, the same in each run, and counts them itself: that is the model its telemetry has to equal.
const { createHash } = require("node:crypto");
const open = require("./open.cjs");

let state = 42;
const random = (n) => {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return (state >>> 8) % n;
};
/** Operations and failures by summary, transactions by mode and outcome, rows. */
const model = { runs: {}, errors: {}, transactions: {}, read: 0, written: 0 };
const count = (counts, key, n = 1) => {
  counts[key] = (counts[key] ?? 0) + n;
};
const hash = createHash("sha256");
/** What is known of the transaction that is open. */
let transaction;

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
const control = (name, call) => {
  count(model.runs, name);
  call();
};
function end(db, how) {
  control(how, () => db.exec(how));
  count(model.transactions, "deferred " + (how === "COMMIT" ? "commit" : transaction.failed ? "error" : "rollback"));
  transaction = undefined;
}
for (let database = 0; database < 4; database++) {
  const db = open("random" + database + ".db");
  count(model.runs, "PRAGMA journal_mode");
  db.exec("PRAGMA journal_mode = WAL");
  count(model.runs, "CREATE TABLE");
  db.exec("CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT)");
  count(model.transactions, "autocommit commit");
  const prepare = (sql) => {
    count(model.runs, "PREPARE");
    return db.prepare(sql);
  };
  const insert = prepare("INSERT INTO kv VALUES (?, ?)");
  const update = prepare("UPDATE kv SET v = ? WHERE k % 7 = ?");
  const remove = prepare("DELETE FROM kv WHERE k = ?");
  const get = prepare("SELECT v FROM kv WHERE k = ?");
  const list = prepare("SELECT k FROM kv ORDER BY k LIMIT 30");
  const changed = (result) => {
    if (result) model.written += Number(result.changes);
  };
  const actions = [
    () => changed(operation("INSERT kv", () => insert.run(random(400), "v" + random(99)), true)),
    () => changed(operation("UPDATE kv", () => update.run("u" + random(9), random(7)), true)),
    () => changed(operation("DELETE kv", () => remove.run(random(400)), true)),
    () => {
      const row = operation("SELECT kv", () => get.get(random(400)));
      if (row) {
        model.read++;
        hash.update(row.v);
      }
    },
    () => {
      for (const row of operation("SELECT kv", () => list.all())) {
        model.read++;
        hash.update(String(row.k));
      }
    },
    () => {
      const stop = random(30);
      let n = 0;
      count(model.runs, "SELECT kv");
      for (const row of list.iterate()) {
        n++;
        hash.update(String(row.k));
        if (n > stop) break;
      }
      model.read += n;
      if (transaction) transaction.failed = false;
    },
    () => {
      if (!transaction) {
        control("BEGIN", () => db.exec("BEGIN"));
        transaction = { failed: false };
      }
    },
    () => {
      if (transaction) end(db, random(3) === 0 ? "ROLLBACK" : "COMMIT");
    },
    () => {
      if (transaction) {
        control("SAVEPOINT", () => db.exec("SAVEPOINT s"));
        control("RELEASE", () => db.exec("RELEASE s"));
      }
    },
    () => operation("PREPARE", () => db.prepare("SELEKT " + random(9))),
    () => {
      if (!transaction) {
        count(model.runs, "BATCH");
        db.exec("BEGIN; UPDATE kv SET v = 'b' WHERE k = 1; COMMIT; DELETE FROM kv WHERE k = " + random(400));
        count(model.transactions, "deferred commit");
        count(model.transactions, "autocommit commit");
      }
    },
  ];
  for (let i = 0; i < 5000; i++) actions[random(actions.length)]();
  for (const row of prepare("SELECT * FROM kv ORDER BY k").all()) {
    model.read++;
    hash.update(row.k + row.v);
  }
  count(model.runs, "SELECT kv");
  if (transaction) {
    count(model.transactions, "deferred rollback");
    transaction = undefined;
  }
  db.close();
}
console.log(JSON.stringify({ ...model, content: hash.digest("hex") }));
