// Works, and sets its exit code.
require("./work.cjs")();
process.exitCode = 3;
process.on("exit", (code) => console.log("exit", code));
