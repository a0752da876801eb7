// Commits 26 pages at a time, so that one commit in ten or so has a checkpoint; says how often the file was modified, which
// a checkpoint does and a commit does not.
const { statSync } = require("node:fs");
const { trace } = require("@opentelemetry/api");
const open = require("./open.cjs");

const db = open("app.db");
db.exec("PRAGMA journal_mode = WAL");
db.exec("PRAGMA wal_autocheckpoint = 250");
db.exec("CREATE TABLE blobs (id INTEGER PRIMARY KEY, data)");
const insert = db.prepare("INSERT OR REPLACE INTO blobs VALUES (?, zeroblob(100000))");
const modified = () => statSync("app.db", { bigint: true }).mtimeNs;
let last = modified();
let checkpoints = 0;
trace.getTracer("app").startActiveSpan("request", (span) => {
  for (let i = 0; i < 1500; i++) {
    insert.run(i % 40);
    const now = modified();
    if (now !== last) checkpoints++;
    last = now;
  }
  span.end();
});
console.log(checkpoints);
// Until its telemetry has arrived.
process.stdin.resume();
