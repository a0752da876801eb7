// Ends a batch of spans, and as many again while that one is being sent.
const tracer = require("@opentelemetry/api").trace.getTracer("app");
const work = () => {
  for (let i = 0; i < 512; i++) tracer.startSpan("work").end();
};
work();
setImmediate(() => setImmediate(work));
