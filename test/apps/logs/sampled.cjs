// Writes two records in each of 400 traces, a thousand outside of them, and five that are urgent.
const { trace } = require("@opentelemetry/api");
const { logger } = require("stratascope");

const api = logger("api");
for (let i = 0; i < 400; i++) {
  trace.getTracer("app").startActiveSpan("work", (span) => {
    api.info("a", { i });
    api.info("b", { i });
    if (i % 100 === 99) api.warn("urgent");
    span.end();
  });
}
for (let i = 0; i < 1000; i++) api.info("outside");
api.warn("last");
