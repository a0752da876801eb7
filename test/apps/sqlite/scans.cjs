// Reads the same table with an index and without, as a whole, in pieces, in vain; says what SQLite itself counted.
const { trace } = require("@opentelemetry/api");
const open = require("./open.cjs");

const db = open("app.db");
db.exec("CREATE TABLE kv (k INTEGER PRIMARY KEY, v, w); BEGIN");
const insert = db.prepare("INSERT INTO kv VALUES (?, ?, ?)");
for (let k = 0; k < 20_000; k++) insert.run(k, k % 100, k);
db.exec("COMMIT");
trace.getTracer("app").startActiveSpan("request", (span) => {
  const indexed = db.prepare("SELECT v FROM kv WHERE k = ?");
  for (let k = 0; k < 1000; k++) indexed.get(k);
  const scan = db.prepare("SELECT k FROM kv WHERE v = ? LIMIT ?");
  for (const limit of [1e6, 1e6, 1, 2, 1e6]) scan.all(7, limit);
  let read = 0;
  const all = db.prepare("SELECT k FROM kv WHERE w >= 0");
  for (const _ of all.iterate()) if (++read === 5000) break;
  for (const _ of all.iterate()) read++;
  span.end();
  console.log(JSON.stringify([scan, all].map((each) => each.stat?.("fullscanStep"))));
});
