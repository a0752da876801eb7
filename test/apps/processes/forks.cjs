// Works once, has two children work, says what they say, and ends with them when its standard input does.
const { fork } = require("node:child_process");

require("./work.cjs")(1);
const children = [10, 100].map((n) => fork("./child.cjs", [String(n)]));
for (const child of children) child.on("message", (message) => console.log(message));
process.stdin.resume().on("end", () => {
  for (const child of children) child.disconnect();
});
