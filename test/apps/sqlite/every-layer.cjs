// A service over a dictionary that does, on request, whatever is observed of SQLite, and always the same: each path is a
// part of the work. The arguments are the id of an engine and an empty folder; it ends when its standard input does.
const { writeFileSync } = require("node:fs");
const http = require("node:http");
const { join } = require("node:path");
const { setTimeout: wait } = require("node:timers/promises");
const { metrics } = require("@opentelemetry/api");
const [, , engine, folder] = process.argv;
const { open, transaction, backup, ofItsOwn } = require("./engines.cjs")(engine);

const file = (name) => join(folder, name);
/** Runs a call that has to fail. */
function fails(call) {
  try {
    call();
  } catch {
    return;
  }
  throw new Error(`did not fail: ${call}`);
}
/** What stays open is referred to: it would be closed when it is collected. */
const kept = [];
let left;

const db = open(file("words.db"));
db.exec("PRAGMA synchronous = OFF; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL");
db.exec(`
  CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE, gloss TEXT CHECK (length(gloss) < 9000));
  CREATE TABLE senses (word INTEGER REFERENCES words, sense TEXT);
  CREATE TABLE counters (count INTEGER);
  CREATE TABLE pages (content BLOB);
  CREATE VIRTUAL TABLE words_fts USING fts5(word, gloss);
  INSERT INTO counters VALUES (0)`);
const insert = db.prepare("INSERT INTO words (word, gloss) VALUES (?, ?)");
const index = db.prepare("INSERT INTO words_fts (rowid, word, gloss) VALUES (?, ?, ?)");
const lookUp = db.prepare("SELECT gloss FROM words WHERE word = ?");
const list = db.prepare("SELECT id, word FROM words ORDER BY id");
const count = db.prepare("UPDATE counters SET count = count + 1");
const fill = db.prepare("INSERT INTO pages VALUES (zeroblob(?))");
// Outside of a request.
transaction(db, "immediate", () => {
  for (let i = 1; i <= 300; i++) {
    const { lastInsertRowid } = insert.run(`word${i}`, `what number ${i} means`);
    index.run(lastInsertRowid, `word${i}`, `what number ${i} means`);
  }
});
lookUp.get("word7");
fails(() => insert.run("word7", "again"));

const other = open(file("words.db"));
db.function("pause", (ms) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms));
db.function("refuse", (id) => {
  if (id === 3) throw new RangeError("refused by the application");
  return id;
});

const parts = {
  reads() {
    lookUp.get("word1");
    lookUp.get("no such word");
    list.all();
    db.prepare("SELECT w.word, s.sense FROM words AS w LEFT JOIN senses AS s ON s.word = w.id WHERE w.id < 5").all();
    db.prepare("WITH few AS (SELECT id FROM words LIMIT 3) SELECT count(*) AS n FROM few").get();
    db.prepare("SELECT 'a literal', 42 UNION SELECT word, id FROM words WHERE gloss LIKE '%number 9%'").all();
  },
  writes() {
    const { lastInsertRowid } = insert.run("written", "by a request");
    db.prepare("INSERT INTO senses VALUES (?, 'first'), (?, 'second')").run(lastInsertRowid, lastInsertRowid);
    db.prepare("UPDATE words SET gloss = ? WHERE id <= 10").run("changed");
    db.prepare(
      "INSERT INTO words (id, word) VALUES (1, 'word1') ON CONFLICT (id) DO UPDATE SET gloss = 'upserted'",
    ).run();
    db.prepare("DELETE FROM senses RETURNING sense").all();
    db.prepare("REPLACE INTO counters VALUES (1)").run();
    db.prepare("UPDATE words SET gloss = 'never' WHERE id < 0").run();
  },
  scripts() {
    db.exec("INSERT INTO senses VALUES (1, 'a'); UPDATE senses SET sense = 'b'; DELETE FROM senses");
    db.exec(
      "BEGIN; INSERT INTO senses VALUES (2, 'c'); SAVEPOINT s; DELETE FROM senses; ROLLBACK TO s; RELEASE s; COMMIT",
    );
    fails(() => db.exec("INSERT INTO senses VALUES (3, 'd'); INSERT INTO nowhere VALUES (1); DELETE FROM senses"));
    fails(() => db.exec("BEGIN; INSERT INTO senses VALUES (4, 'e'); SELECT broken"));
    db.exec("ROLLBACK");
    db.exec("PRAGMA user_version = 3");
    db.exec(
      `ATTACH '${file("attached.db")}' AS side; PRAGMA side.synchronous = OFF; CREATE TABLE side.notes (note TEXT); DETACH side`,
    );
    db.exec("");
  },
  iterators() {
    for (const _ of db.prepare("SELECT word FROM words LIMIT 4").iterate());
    for (const _ of list.iterate());
    for (const { id } of list.iterate()) if (id === 5) break;
    for (const { id } of list.iterate()) if (id === 50) break;
    fails(() => Array.from(db.prepare("SELECT refuse(id) FROM words").iterate()));
    for (const _ of db.prepare("SELECT word FROM words WHERE id < 0").iterate());
  },
  errors() {
    fails(() => insert.run("word7", "again"));
    fails(() => db.exec("INSERT INTO words VALUES (1, 'one', '')"));
    fails(() => insert.run(null, "without a word"));
    fails(() => insert.run("long", "x".repeat(9000)));
    fails(() => db.exec("INSERT INTO senses VALUES (123456, 'of no word')"));
    fails(() => db.prepare("INSERT INTO words (id, word) VALUES ('text', 'mismatch')").run());
    fails(() => db.prepare("SELEKT word FROM words"));
    fails(() => db.prepare("SELECT word FROM nowhere"));
    fails(() => lookUp.get(Symbol("of no type that is stored")));
    fails(() => db.prepare("SELECT refuse(3)").get());
    const reader = open(file("words.db"), { readOnly: true });
    fails(() => reader.exec("DELETE FROM words"));
    reader.close();
    writeFileSync(file("broken.db"), "this is no database ".repeat(100));
    const broken = open(file("broken.db"));
    fails(() => broken.prepare("SELECT * FROM words"));
    broken.close();
    const full = open(file("full.db"));
    full.exec("PRAGMA synchronous = OFF; PRAGMA max_page_count = 5; CREATE TABLE pages (content BLOB)");
    fails(() => full.exec("INSERT INTO pages VALUES (zeroblob(50000))"));
    full.close();
    fails(() => open(join(folder, "nowhere", "words.db")));
  },
  transactions() {
    for (const mode of ["deferred", "immediate", "exclusive"]) transaction(db, mode, () => count.run());
    fails(() => transaction(db, "deferred", () => (count.run(), insert.run("word7", "again"))));
    db.exec("BEGIN");
    db.exec("COMMIT");
    db.exec("BEGIN");
    count.run();
    db.exec("ROLLBACK");
    db.exec("BEGIN");
    count.run();
    db.exec("SAVEPOINT outer_one");
    count.run();
    db.exec("SAVEPOINT inner_one");
    count.run();
    db.exec("ROLLBACK TO inner_one");
    db.exec("RELEASE inner_one");
    db.exec("RELEASE outer_one");
    db.exec("COMMIT");
    db.exec("SAVEPOINT alone");
    count.run();
    db.exec("RELEASE alone");
    db.exec("BEGIN");
    fails(() => db.exec("INSERT OR ROLLBACK INTO words VALUES (1, 'word1', '')"));
    fails(() => db.exec("COMMIT"));
    db.exec("BEGIN");
    fails(() => db.exec("BEGIN"));
    db.exec("COMMIT");
    db.exec("BEGIN; INSERT INTO senses VALUES (1, 'f')");
    db.exec("PRAGMA defer_foreign_keys = ON; INSERT INTO senses VALUES (123456, 'of no word')");
    fails(() => db.exec("COMMIT"));
    db.exec("ROLLBACK");
  },
  conflicts() {
    const patient = open(file("words.db"), { timeout: 400 });
    other.exec("BEGIN IMMEDIATE");
    fails(() => db.exec("BEGIN IMMEDIATE"));
    fails(() => db.exec("BEGIN EXCLUSIVE"));
    fails(() => count.run());
    fails(() => transaction(db, "deferred", () => count.run()));
    fails(() => patient.exec("BEGIN IMMEDIATE"));
    other.exec("ROLLBACK");
    db.exec("BEGIN");
    lookUp.get("word1");
    other.exec("UPDATE counters SET count = 5");
    fails(() => count.run());
    db.exec("ROLLBACK");
    patient.close();
  },
  /** More transactions than a span has spans for. */
  budget() {
    for (let i = 0; i < 25; i++) transaction(db, "deferred", () => count.run());
  },
  checkpoints() {
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    count.run();
    db.prepare("PRAGMA wal_checkpoint").get();
    db.exec("PRAGMA wal_checkpoint(FULL)");
    db.exec("PRAGMA main.wal_checkpoint(RESTART)");
    db.exec("PRAGMA wal_autocheckpoint = 100");
    // As long as a commit usually is, and then one that checkpoints.
    for (let i = 0; i < 30; i++) count.run();
    transaction(db, "immediate", () => fill.run(1_000_000));
    count.run();
    db.exec("PRAGMA wal_autocheckpoint = 1000");
    const rows = other.prepare("SELECT word FROM words").iterate();
    rows.next();
    count.run();
    db.prepare("PRAGMA wal_checkpoint(PASSIVE)").all();
    db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all();
    rows.return();
    db.exec("BEGIN IMMEDIATE");
    fails(() => db.exec("PRAGMA wal_checkpoint(FULL)"));
    db.exec("COMMIT");
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  },
  async snapshots() {
    await backup(db, file("backup.db"));
    await backup(db, join(folder, "nowhere", "backup.db")).catch(() => {});
    db.serialize();
    db.exec(`VACUUM INTO '${file("copy.db")}'`);
    fails(() => db.exec(`VACUUM INTO '${file("copy.db")}'`));
  },
  compactions() {
    db.exec("DELETE FROM pages");
    db.exec("PRAGMA incremental_vacuum(100)");
    db.exec("VACUUM");
    db.exec("BEGIN");
    fails(() => db.exec("VACUUM"));
    db.exec("ROLLBACK");
    db.exec("INSERT INTO words_fts (words_fts, rank) VALUES ('merge', 16)");
    db.exec("INSERT INTO words_fts (words_fts) VALUES ('optimize')");
    db.prepare("INSERT INTO words_fts (words_fts) VALUES ('rebuild')").run();
    fails(() => db.exec("INSERT INTO words_fts (words_fts) VALUES ('no such command')"));
  },
  searches() {
    const search = db.prepare("SELECT rowid, word FROM words_fts WHERE words_fts MATCH ? ORDER BY rank LIMIT 10");
    search.all("number");
    search.get("word42");
    search.all("nothing");
    for (const _ of search.iterate("means"));
    fails(() => search.all('"unbalanced'));
    db.prepare("SELECT w.gloss FROM words_fts AS f JOIN words AS w ON w.id = f.rowid WHERE f.word MATCH 'word9'").all();
    index.run(1000, "added", "later");
    db.prepare("UPDATE words_fts SET gloss = ? WHERE rowid = 1000").run("changed");
    db.prepare("DELETE FROM words_fts WHERE rowid = ?").run(1000);
    fails(() => index.run(1, "twice", "the same row"));
  },
  repeated() {
    for (let i = 1; i <= 12; i++) lookUp.get(`word${i}`);
    for (let i = 1; i <= 5; i++) db.prepare("SELECT id FROM words WHERE word = ?").get(`word${i}`);
  },
  slow() {
    db.prepare("SELECT pause(3200), gloss FROM words WHERE id = ? AND word <> 'a literal'").get(1);
    fails(() => db.prepare("SELECT pause(3200), refuse(3)").get());
  },
  blocking() {
    db.prepare("SELECT pause(2200) FROM words WHERE id = ?").all(1);
  },
  memory() {
    const memory = open(":memory:");
    memory.exec("CREATE TABLE numbers (n INTEGER); INSERT INTO numbers VALUES (1), (2), (3)");
    transaction(memory, "deferred", () => memory.prepare("UPDATE numbers SET n = n + 1").run());
    memory.prepare("SELECT n FROM numbers").all();
    kept.push(memory);
  },
  journal() {
    const journal = open(file("journal.db"));
    journal.exec("PRAGMA synchronous = OFF; PRAGMA journal_mode = DELETE; CREATE TABLE notes (note TEXT)");
    transaction(journal, "exclusive", () => journal.prepare("INSERT INTO notes VALUES ('one'), ('two')").run());
    journal.exec("DELETE FROM notes");
    journal.exec("VACUUM");
    kept.push(journal);
  },
  closed() {
    const closed = open(file("closed.db"));
    closed.exec("PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL; CREATE TABLE notes (note TEXT)");
    const note = closed.prepare("INSERT INTO notes VALUES (?)");
    note.run("kept");
    closed.exec("BEGIN");
    note.run("rolled back when the database is closed");
    closed.close();
    fails(() => note.run("too late"));
    fails(() => closed.exec("SELECT 1"));
    fails(() => closed.prepare("SELECT 1"));
  },
  own() {
    ofItsOwn(db);
  },
  /** Leaves open what is seen by a look at it, until it ends: iterations, one of which pins the log, and a transaction. */
  leaves() {
    const idle = open(file("idle.db"));
    idle.exec("PRAGMA synchronous = OFF; CREATE TABLE notes (note TEXT); INSERT INTO notes VALUES ('one'), ('two')");
    const notes = idle.prepare("SELECT note FROM notes").iterate();
    notes.next();
    db.exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA wal_autocheckpoint = 20");
    const words = other.prepare("SELECT word FROM words ORDER BY id").iterate();
    words.next();
    transaction(db, "immediate", () => fill.run(200_000));
    db.exec("BEGIN IMMEDIATE");
    count.run();
    left = { idle, notes, words };
  },
  async ends() {
    // Longer than is usual.
    await wait(3_500);
    count.run();
    db.exec("COMMIT");
    for (const rows of [left.words, left.notes]) {
      rows.next();
      rows.return();
    }
    left.idle.close();
    db.exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA wal_autocheckpoint = 1000");
    count.run();
  },
  /** Not left to the end of the process, which does not wait for long. */
  exports: () => metrics.getMeterProvider().forceFlush(),
};

const server = http.createServer(async (request, response) => {
  try {
    await parts[request.url.slice(1)]();
    response.end();
  } catch (error) {
    response.writeHead(500).end(error.stack);
  }
});
server.listen(0, "127.0.0.1", () => console.log(`serves on http://127.0.0.1:${server.address().port}`));
process.stdin.resume().on("end", () => server.close());
