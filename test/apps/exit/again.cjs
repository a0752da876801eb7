// Cleans up on a signal, and sends itself that signal again.
require("./server.cjs");
process.once("SIGTERM", () => {
  console.log("cleaned up");
  process.kill(process.pid, "SIGTERM");
});
