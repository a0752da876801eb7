// Lives until a Collector that refuses has been asked several times, and says how long the event loop stood still.
const { closeSync, openSync, readFileSync } = require("node:fs");
const { DatabaseSync } = require("node:sqlite");
new DatabaseSync(":memory:").exec("SELECT 1");
const [, , way, file] = process.argv;
if (way === "reuses its number") {
  closeSync(2);
  if (openSync(file, "w+") !== 2) throw new Error("it has another number");
}
let longest = 0;
let last = performance.now();
const timer = setInterval(() => {
  longest = Math.max(longest, performance.now() - last);
  last = performance.now();
}, 10);
setTimeout(() => {
  clearInterval(timer);
  console.log(longest < 2_000 ? "alive" : `stood still for ${longest} ms`);
  if (way === "reuses its number") console.log(JSON.stringify(readFileSync(file, "utf8")));
  process.exit(0);
}, 2_500);
