// Writes a record in thirteen spans, one inside of the other.
const { trace } = require("@opentelemetry/api");
const { logger } = require("stratascope");

const log = logger("a");
const nest = (n) =>
  trace.getTracer("app").startActiveSpan(`s${n}`, (span) => {
    if (n < 12) nest(n + 1);
    else log.info("x");
    span.end();
  });
nest(0);
