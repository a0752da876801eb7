// Begins something at its end, by a timer.
require("./work.cjs")();
process.once("beforeExit", () => {
  setTimeout(() => {
    console.log("cleaned up");
    process.exitCode = 7;
  }, 300);
});
