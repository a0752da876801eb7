// Works half a second before its end, when a connection for it is still being made.
require("./work.cjs")();
setTimeout(() => console.log("done"), 500);
