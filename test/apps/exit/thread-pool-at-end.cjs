// Begins something on the thread pool when it is asked whether it has more to do, and says how often it was asked.
const { scrypt } = require("node:crypto");
const { DatabaseSync } = require("node:sqlite");
new DatabaseSync(":memory:").exec("SELECT 1");
let asked = 0;
process.on("beforeExit", () => {
  if (asked++ === 0) scrypt("secret", "salt", 64, { N: 2 ** 16, maxmem: 2 ** 28 }, () => console.log("done"));
});
process.on("exit", () => console.log("asked", asked));
