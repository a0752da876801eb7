// Starts the service, and has nothing to show itself.
const { spawn } = require("node:child_process");

const child = spawn(process.execPath, ["service.cjs"], { stdio: "inherit" });
child.on("exit", (code) => (process.exitCode = code));
