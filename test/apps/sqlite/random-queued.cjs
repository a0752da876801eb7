// Does 8,000 things at random with sqlite3, without waiting for any of them, and counts them itself.
const { createHash } = require("node:crypto");
const { Database } = require("sqlite3");

let state = 42;
const random = (n) => {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return (state >>> 8) % n;
};
const model = { runs: {}, errors: {}, transactions: {}, read: 0, written: 0 };
const count = (counts, key, n = 1) => {
  counts[key] = (counts[key] ?? 0) + n;
};
const hash = createHash("sha256");

const seen = (row) => {
  model.read++;
  hash.update(JSON.stringify(row));
};

function work(db, finished) {
  // As it will be when the statements before have run.
  let isOpen = false;
  let hasFailed = false;
  const did = (name, wrote) => {
    const inside = isOpen;
    count(model.runs, name);
    return (error) => {
      if (error) count(model.errors, name);
      if (error) hash.update(error.message);
      if (inside) hasFailed = Boolean(error);
      else if (wrote) count(model.transactions, error ? "autocommit error" : "autocommit commit");
      return !error;
    };
  };
  // A statement that is prepared already does not wait for its turn.
  const prepare = (sql) => {
    count(model.runs, "PREPARE");
    return db.prepare(sql);
  };
  const write = (name, call) => {
    const ended = did(name, true);
    call(function (error) {
      if (ended(error)) model.written += this.changes;
    });
  };
  const read = (name, call) => {
    const ended = did(name);
    call((error, rows) => {
      ended(error);
      for (const row of [rows ?? []].flat()) seen(row);
    });
  };
  const control = (sql, called) => {
    count(model.runs, sql.split(" ")[0]);
    if (random(2) === 0) db.run(sql, called);
    else db.exec(sql, called);
  };
  const actions = [
    () => write("INSERT kv", (done) => prepare("INSERT INTO kv VALUES (?, ?)").run(random(400), "v", done).finalize()),
    () => write("INSERT kv", (done) => db.run("INSERT INTO kv VALUES (?, ?)", [random(400), "w"], done)),
    () => write("UPDATE kv", (done) => db.run("UPDATE kv SET v = ? WHERE k % 7 = ?", "u" + random(9), random(7), done)),
    () => write("DELETE kv", (done) => db.run("DELETE FROM kv WHERE k = $k", { $k: random(400) }, done)),
    () => read("SELECT kv", (done) => prepare("SELECT v FROM kv WHERE k = ?").get(random(400), done).finalize()),
    () => read("SELECT kv", (done) => db.all("SELECT k FROM kv ORDER BY k LIMIT 30", done)),
    () => {
      const ended = did("SELECT kv");
      db.each("SELECT k FROM kv ORDER BY k LIMIT 5", (_error, row) => seen(row), ended);
    },
    () => read("OTHER", (done) => db.all("SELEKT " + random(9), done)),
    () => {
      if (isOpen) return;
      control("BEGIN");
      isOpen = true;
    },
    () => {
      if (!isOpen) return;
      const sql = random(3) === 0 ? "ROLLBACK" : "COMMIT";
      control(sql, () => {
        count(model.transactions, "deferred " + (sql === "COMMIT" ? "commit" : hasFailed ? "error" : "rollback"));
        hasFailed = false;
      });
      isOpen = false;
    },
    () => {
      if (!isOpen) return;
      control("SAVEPOINT s");
      control("RELEASE s");
    },
  ];
  for (let i = 0; i < 2000; i++) actions[random(actions.length)]();
  if (isOpen) actions[9]();
  read("SELECT kv", (done) => db.all("SELECT * FROM kv ORDER BY k", done));
  db.close(finished);
}

function next(database) {
  if (database === 4) return console.log(JSON.stringify({ ...model, content: hash.digest("hex") }));
  const db = new Database(`random${database}.db`, () => {
    db.serialize();
    count(model.runs, "PRAGMA journal_mode");
    count(model.runs, "CREATE TABLE");
    count(model.transactions, "autocommit commit");
    db.run("PRAGMA journal_mode = WAL").exec("CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT)");
    work(db, () => next(database + 1));
  });
}
next(0);
