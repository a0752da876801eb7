// Says what a child that inherits the environment says, and how many milliseconds it took.
const { spawnSync } = require("node:child_process");

const start = Date.now();
const child = spawnSync(process.execPath, ["-e", "console.log('child')"], { encoding: "utf8" });
console.log(child.stdout.trim(), child.status, Date.now() - start, child.stderr);
