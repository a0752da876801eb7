require("./work.cjs")(1);
setTimeout(() => console.log("done"), 200);
