// Ends as many spans as the first argument says, each with a text as long as the second, and leaves no time to send them.
const { trace } = require("@opentelemetry/api");
const [n = 1, size = 0] = process.argv.slice(2).map(Number);
const tracer = trace.getTracer("app");
for (let i = 0; i < n; i++) tracer.startSpan("last", { attributes: { text: "x".repeat(size) } }).end();
process.exit(3);
