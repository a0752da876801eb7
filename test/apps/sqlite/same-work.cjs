// Does the same work with any binding of SQLite, asynchronous or not, one step after another.
const { trace } = require("@opentelemetry/api");
const open = require("./open-any.cjs");

const attempt = async (work) => {
  try {
    await work();
    console.log("no error");
  } catch (error) {
    console.log(error.message.replace(/^SQLITE_\w+: /, ""));
  }
};

async function transactions(db, insert) {
  await db.exec("BEGIN IMMEDIATE");
  for (let k = 2; k < 40; k++) await insert.run(k, "S3CRET" + k);
  await db.exec("COMMIT");
  await db.exec("BEGIN");
  await insert.run(50, "x");
  await db.exec("ROLLBACK");
  await db.exec(
    "BEGIN; INSERT INTO kv VALUES (60, 'S3CRET'); SAVEPOINT s; DELETE FROM kv; ROLLBACK TO s; RELEASE s; COMMIT",
  );
  await db.exec("SAVEPOINT a");
  await insert.run(61, "y");
  await db.exec("SAVEPOINT b");
  await db.exec("RELEASE b");
  await db.exec("RELEASE a");
  await db.exec("BEGIN");
  await attempt(() => db.exec("INSERT INTO kv VALUES (1, 'again')"));
  await db.exec("COMMIT");
  await db.exec("BEGIN");
  await attempt(() => db.exec("INSERT OR ROLLBACK INTO kv VALUES (1, 'z')"));
  await attempt(() => db.exec("COMMIT"));
  await db.exec("-- hi\nBEGIN EXCLUSIVE");
  await db.exec("/* bye */ END");
}

async function conflicts(db, other) {
  await other.exec("BEGIN IMMEDIATE");
  await attempt(() => db.exec("BEGIN IMMEDIATE"));
  await attempt(() => db.exec("INSERT INTO kv VALUES (80, 'locked')"));
  await other.exec("ROLLBACK");
}

async function upkeep(db) {
  await db.exec("CREATE TABLE wide (a)");
  await db.exec("INSERT INTO wide VALUES (zeroblob(100000))");
  await db.exec("DROP TABLE wide");
  await db.exec("PRAGMA auto_vacuum = INCREMENTAL; VACUUM");
  await db.exec("PRAGMA incremental_vacuum");
  await db.exec("VACUUM INTO 'copy.db'");
  await attempt(() => db.exec("VACUUM INTO 'copy.db'"));
  await db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
}

async function searches(db) {
  await db.exec("CREATE VIRTUAL TABLE words USING fts5(word, gloss)");
  const add = await db.prepare("INSERT INTO words VALUES (?, ?)");
  for (const word of ["S3CRET cat", "dog", "cat dog"]) await add.run(word, "animal");
  await add.end();
  for (const sql of [
    "SELECT word FROM words WHERE words MATCH ?",
    "SELECT word FROM words WHERE word MATCH ?",
    "SELECT w.word FROM words AS w JOIN kv ON kv.k = w.rowid WHERE w.word MATCH ?",
  ]) {
    const find = await db.prepare(sql);
    console.log(JSON.stringify(await find.all("cat")));
    await find.end();
  }
  await db.exec("UPDATE words SET gloss = 'pet' WHERE rowid = 1");
  await db.exec("DELETE FROM words WHERE rowid = 2");
  await db.exec("INSERT INTO words (words) VALUES ('optimize')");
}

async function main() {
  const db = await open("same.db");
  const other = await open("same.db");
  await trace.getTracer("app").startActiveSpan("request", async (span) => {
    await db.exec("PRAGMA journal_mode = WAL; CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT UNIQUE)");
    const insert = await db.prepare("INSERT INTO kv VALUES (?, ?)");
    const get = await db.prepare("SELECT v FROM kv WHERE k = ?");
    console.log(await insert.run(1, "one"), JSON.stringify([await get.get(1), (await get.get(2)) ?? null]));
    await transactions(db, insert);
    await conflicts(db, other);
    await attempt(() => db.prepare("SELEKT"));
    const list = await db.prepare("SELECT k FROM kv ORDER BY k");
    let rows = 0;
    await list.forEach(() => rows++);
    console.log(rows, (await list.all()).length);
    const remove = await db.prepare("DELETE FROM kv WHERE k > ?");
    console.log(await remove.run(30));
    for (const statement of [insert, get, list, remove]) await statement.end();
    await searches(db);
    await upkeep(db);
    span.end();
  });
  await db.exec("BEGIN");
  await db.close();
  await other.close();
}

void main();
