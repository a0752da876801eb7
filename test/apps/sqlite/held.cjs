// Fills the log, while what the second argument names holds a snapshot.
const { setTimeout: sleep } = require("node:timers/promises");
const open = require("./open.cjs");

const db = open("app.db");
const reader = open("app.db");
db.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 50; CREATE TABLE words (id INTEGER PRIMARY KEY, word)");
const insert = db.prepare("INSERT INTO words (word) VALUES (zeroblob(8000))");
const fill = (n) => {
  for (let i = 0; i < n; i++) insert.run();
};
fill(20);
const holders = {
  async slowLoop() {
    for (const row of reader.prepare("SELECT id FROM words").iterate()) {
      if (row.id > 6) break;
      fill(20);
      await sleep(300);
    }
  },
  async transaction() {
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM words").get();
    fill(100);
    await sleep(1200);
    reader.exec("COMMIT");
  },
  async idleTransaction() {
    reader.exec("BEGIN");
    await sleep(1200);
    reader.exec("ROLLBACK");
  },
  async leak() {
    globalThis.leaked = reader.prepare("SELECT id FROM words").iterate();
    leaked.next();
    fill(100);
    await sleep(2500);
  },
  async lockFile() {
    const lock = open("lock.db");
    lock.exec("CREATE TABLE IF NOT EXISTS owners (id)");
    lock.exec("BEGIN EXCLUSIVE");
    await sleep(1200);
    lock.exec("ROLLBACK");
  },
  async short() {
    for (const _ of reader.prepare("SELECT id FROM words").iterate()) await Promise.resolve();
  },
};
void holders[process.argv[3]]();
