// Works without a pause, as often as the arguments after the first say: reads, a transaction, calls of which every fifth fails, and reads inside of a span.
const { trace } = require("@opentelemetry/api");
const open = require("./open.cjs");

const [reads, pairs, failing] = process.argv.slice(3).map(Number);
const db = open("app.db");
db.exec("PRAGMA journal_mode = WAL; CREATE TABLE kv (k INTEGER PRIMARY KEY, v); INSERT INTO kv VALUES (1, 'one')");
const get = db.prepare("SELECT v FROM kv WHERE k = ?");
const put = db.prepare("UPDATE kv SET v = ? WHERE k = 1");
const fail = db.prepare("SELECT abs(?)");
for (let i = 0; i < reads; i++) get.get(1);
db.exec("BEGIN");
for (let i = 0; i < pairs; i++) {
  get.get(1);
  put.run("two");
}
db.exec("COMMIT");
let failed = 0;
for (let i = 0; i < failing; i++) {
  try {
    fail.get(i % 5 === 0 ? -9223372036854775808n : 1n);
  } catch {
    failed++;
  }
}
trace.getTracer("app").startActiveSpan("request", (span) => {
  for (let i = 0; i < reads; i++) get.get(1);
  span.end();
});
console.log(failed);
