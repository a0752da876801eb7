// Puts a secret in every place a value can be, in statements that succeed and in such as fail.
const { mkdirSync } = require("node:fs");
const { trace } = require("@opentelemetry/api");
const open = require("./open.cjs");

const SLOW = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) ";

mkdirSync("folder-S3CRET");
const db = open("folder-S3CRET/data.db");
const other = open("folder-S3CRET/data.db");
const backup = (db, path) => (db.backup ? db.backup(path) : require("node:sqlite").backup?.(db, path));
const attempt = (call) => {
  try {
    return call();
  } catch {}
};
const everything = () => {
  attempt(() => db.exec("CREATE TABLE IF NOT EXISTS kv (k TEXT PRIMARY KEY, v TEXT DEFAULT 'S3CRET1')"));
  attempt(() => db.exec("CREATE VIRTUAL TABLE IF NOT EXISTS fts USING fts5(text)"));
  attempt(() => db.prepare("INSERT INTO kv VALUES (?, ?)").run("S3CRET2", "S3CRET3"));
  attempt(() => db.prepare("INSERT INTO kv VALUES ('S3CRET4', 'S3CRET5')").run());
  attempt(() => db.prepare(`INSERT INTO kv VALUES ('S3CRET4', x'${Buffer.from("S3CRET").toString("hex")}')`).run());
  attempt(() => db.prepare("INSERT INTO fts VALUES ('S3CRET6')").run());
  attempt(() => db.prepare("SELECT * FROM fts WHERE fts MATCH ?").all("S3CRET7"));
  attempt(() => db.prepare("SELECT * FROM fts WHERE fts MATCH 'S3CRET8'").all());
  attempt(() => db.prepare("SELECT * FROM fts WHERE fts MATCH '\"S3CRET9'").all());
  attempt(() => db.prepare("SELECT * FROM kv WHERE k = :s3cret -- S3CRET10").all({ s3cret: "S3CRET11" }));
  attempt(() => db.prepare("SELECT /* S3CRET12 */ 'S3CRET13' AS a, count(*) FROM kv WHERE v LIKE '%S3CRET14%'").get());
  attempt(() => Array.from(db.prepare("SELECT * FROM kv WHERE v > 'S3CRET15'").iterate()));
  attempt(() => db.exec("SELECT 'S3CRET16"));
  attempt(() => db.exec("SELEKT S3CRET17"));
  attempt(() => db.prepare("SELECT * FROM S3CRET18 WHERE a = 'S3CRET19'"));
  attempt(() => db.exec("PRAGMA key = 'S3CRET20'; PRAGMA user_version = 5"));
  attempt(() => db.exec("ATTACH 'folder-S3CRET/other.db' AS other_S3CRET21"));
  attempt(() => db.exec("SAVEPOINT S3CRET22; RELEASE S3CRET22"));
  attempt(() =>
    db.function("fail", () => {
      throw new Error("S3CRET23");
    }),
  );
  attempt(() => db.prepare("SELECT fail()").get());
  attempt(() => db.exec("VACUUM INTO 'folder-S3CRET/copy-" + process.pid + ".db'"));
  attempt(() => db.prepare("VACUUM INTO ?").run("folder-S3CRET/bound-" + process.pid + ".db"));
  attempt(() => db.exec("VACUUM INTO 'folder-S3CRET/no folder/copy.db'"));
  attempt(() => db.exec("VACUUM"));
  attempt(() => db.exec("INSERT INTO fts (fts) VALUES ('optimize')"));
  attempt(() => db.serialize());
  attempt(() => backup(db, "folder-S3CRET/backup.db")?.catch(() => {}));
  attempt(() => backup(db, "folder-S3CRET/no folder/backup.db")?.catch(() => {}));
  attempt(() => backup(db, "folder-S3CRET\0.db")?.catch(() => {}));
  attempt(() => {
    other.exec("BEGIN IMMEDIATE");
    attempt(() => db.prepare("INSERT INTO kv VALUES ('S3CRET24', 1)").run());
    other.exec("ROLLBACK");
  });
  attempt(() => db.exec(SLOW + "SELECT max(i) || 'S3CRET25' FROM n"));
  attempt(() => db.prepare(SLOW + "SELECT max(i) || 'S3CRET26' FROM n").get());
};
everything();
trace.getTracer("app").startActiveSpan("request", (span) => {
  everything();
  for (let i = 0; i < 30; i++) attempt(() => db.prepare("SELECT v FROM kv WHERE k = ?").get("S3CRET27"));
  span.end();
});
console.log("done");
process.stdin.resume().on("end", () => {
  db.close();
  other.close();
});
