// Counts how often it is asked whether it has more to do; it has twice.
const work = require("./work.cjs");

let asked = 0;
console.log("done");
process.on("beforeExit", () => {
  asked++;
  if (asked < 3) setTimeout(work, 10);
});
process.on("exit", (code) => console.log("asked", asked, "exit", code));
