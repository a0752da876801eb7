// Does not end on the first signal; as its handler is gone then, it ends on the second one.
require("./server.cjs");
process.once("SIGTERM", () => console.log("first"));
