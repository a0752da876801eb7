require("./work.cjs")();
setTimeout(() => {
  void Promise.reject(new TypeError("broken"));
}, 10);
