// Runs long texts of SQL, each another one, inside of one span, and says how many megabytes of the heap that leaves in use.
const { trace } = require("@opentelemetry/api");
const open = {
  "better-sqlite3": () => new (require("better-sqlite3"))(":memory:"),
  "node-sqlite": () => new (require("node:sqlite").DatabaseSync)(":memory:"),
};

const db = open[process.argv[2]]();
const value = "x".repeat(1e6);
trace.getTracer("app").startActiveSpan("work", (span) => {
  for (let i = 0; i < 60; i++) {
    const table = `a_table_with_a_long_name_${i}`;
    db.exec(`CREATE TABLE ${table} (a); INSERT INTO ${table} VALUES ('${value}')`);
    db.exec(`INSERT INTO ${table} VALUES ('${value}')`);
    db.prepare(`SELECT '${value}' FROM ${table}`).all();
    db.exec(`DROP TABLE ${table}`);
  }
  gc();
  console.log(Math.round(process.memoryUsage().heapUsed / 1e6));
  span.end();
});
