// Says what workers and those around them look like where something could have been added to them.
const { Worker, isMainThread, parentPort, workerData, getEnvironmentData } = require("node:worker_threads");

const EVENTS = ["message", "messageerror", "worker", "workerMessage", "beforeExit", "SIGTERM", "uncaughtException"];
const look = () => ({
  resources: process.getActiveResourcesInfo().sort(),
  listeners: EVENTS.map((event) => process.listenerCount(event)),
  data: [workerData, getEnvironmentData("data")],
});

if (isMainThread) {
  for (const end of ["natural", "exit", "throw"]) {
    const worker = new Worker(__filename, { workerData: end });
    const seen = [worker.eventNames().length, worker.listenerCount("message")];
    // Messages and errors come on ways of their own, in any order.
    const messages = [];
    const errors = [];
    worker.on("message", (message) => messages.push(message)).on("error", (error) => errors.push(error.message));
    worker.on("exit", (code) => console.log(end, code, JSON.stringify([seen, messages, errors])));
  }
  // One that keeps no process alive.
  new Worker(__filename, { workerData: "forever" }).unref();
} else {
  const { port1 } = new MessageChannel();
  port1.on("message", () => {});
  parentPort.postMessage([parentPort.eventNames(), look()]);
  port1.close();
  process.on("exit", (code) => console.log("exit", workerData, code));
  if (workerData === "exit") process.exit(4);
  if (workerData === "throw") throw new Error("broken");
  if (workerData === "forever") setInterval(() => {}, 1000);
}
