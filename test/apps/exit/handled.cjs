process.on("uncaughtException", (error) => {
  console.log(error.message);
  process.exit(6);
});
require("./work.cjs")();
setTimeout(() => {
  throw new TypeError("broken");
}, 10);
