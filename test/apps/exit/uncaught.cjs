require("./work.cjs")();
setTimeout(() => {
  throw new TypeError("broken");
}, 10);
