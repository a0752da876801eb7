// Begins something at its end, in an asynchronous listener.
const { setTimeout: wait } = require("node:timers/promises");

require("./work.cjs")();
let asked = 0;
process.on("beforeExit", async () => {
  if (asked++ > 0) return;
  await wait(300);
  console.log("cleaned up");
});
process.on("exit", () => console.log("asked", asked));
