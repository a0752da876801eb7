// Has a worker that ends a span, with exit codes of both.
const { Worker, isMainThread } = require("node:worker_threads");
const { trace } = require("@opentelemetry/api");

if (isMainThread) {
  const worker = new Worker(__filename);
  worker.on("exit", (code) => {
    console.log("worker", code);
    process.exitCode = 3;
  });
} else {
  trace.getTracer("app").startSpan("of the worker").end();
  process.exitCode = 2;
}
