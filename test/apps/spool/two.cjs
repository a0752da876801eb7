// Ends a span, and another one when its standard input ends.
const tracer = require("@opentelemetry/api").trace.getTracer("app");
tracer.startSpan("first").end();
process.stdin.on("end", () => {
  tracer.startSpan("second").end();
  console.log("second");
  setInterval(() => {}, 1000);
});
process.stdin.resume();
