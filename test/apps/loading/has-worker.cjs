// Has a worker read.
const { Worker } = require("node:worker_threads");

new Worker("./worker.cjs", { workerData: 1 }).on("message", console.log);
