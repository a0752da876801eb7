// Evaluates the code of its data, says that it is ready, and then answers each message, which is code, with what that is.
const { runInThisContext } = require("node:vm");
const { parentPort, Worker, workerData } = require("node:worker_threads");
const { db, work } = require("./work.cjs");
const tasks = require("./tasks.cjs");

// What code has at hand.
Object.assign(globalThis, { db, parentPort, require, tasks, work, Worker, workerData });

runInThisContext(workerData.run);
parentPort.on("message", async (code) => parentPort.postMessage((await runInThisContext(code)) ?? null));
parentPort.postMessage("ready");
