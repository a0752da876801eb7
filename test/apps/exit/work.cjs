// Ends a span and counts once.
const { metrics, trace } = require("@opentelemetry/api");

module.exports = () => {
  trace.getTracer("app").startSpan("last").end();
  metrics.getMeter("app").createCounter("app.last").add(1);
};
