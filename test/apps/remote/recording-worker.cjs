// Makes a span of each name it is sent, and answers with the level of its loggers.
const { parentPort } = require("node:worker_threads");
const { trace } = require("@opentelemetry/api");
const { logLevels } = require("stratascope");

parentPort.on("message", (name) => {
  if (name !== "") trace.getTracer("worker").startSpan(name).end();
  parentPort.postMessage(logLevels()[""]);
});
