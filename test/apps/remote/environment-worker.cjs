// Says what environment it has and what it was handed, and the same of a worker of its own where it is to have one.
const { getEnvironmentData, parentPort, Worker, workerData } = require("node:worker_threads");

if (workerData.isParent) {
  const child = new Worker(__filename, { env: {}, workerData: { isParent: false } });
  child.on("message", (message) => parentPort.postMessage(message));
} else {
  parentPort.postMessage([process.env, getEnvironmentData("stratascope/0.1.0")]);
}
