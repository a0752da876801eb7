// Writes a record in a worker, and one in the main thread after it.
const { Worker, isMainThread } = require("node:worker_threads");
const { logger } = require("stratascope");

if (isMainThread) new Worker(__filename, { name: "importer" }).on("exit", () => logger("a").info("main"));
else logger("a").info("worker");
