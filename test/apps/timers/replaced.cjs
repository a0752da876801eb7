// Replaces the timers, as a test does to go through time by itself, and says which it was asked for.
const { DatabaseSync } = require("node:sqlite");
const { trace } = require("@opentelemetry/api");
const asked = [];
for (const name of ["setTimeout", "setInterval", "setImmediate", "queueMicrotask"]) {
  globalThis[name] = () => {
    asked.push(name);
    return { ref: () => {}, unref: () => {} };
  };
}
const db = new DatabaseSync(":memory:");
for (let i = 0; i < 1_000; i++) trace.getTracer("app").startSpan("work").end();
db.exec("SELECT 1");
process.on("exit", () => console.log("asked", asked.join() || "for none"));
