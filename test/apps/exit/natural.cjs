// Works, and comes to its end by itself.
const work = require("./work.cjs");

setTimeout(() => {
  work();
  console.log("done");
}, 10);
