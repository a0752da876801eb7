// Writes lines with pino that are no JSON, and others after them.
const pino = require("pino");
const { trace } = require("@opentelemetry/api");

const odd = { base: null, timestamp: () => ',"time":no json,"trace_id":' };
trace.getTracer("app").startActiveSpan("work", (span) => {
  pino(odd, pino.destination({ sync: true })).info("odd");
  const logger = pino({ base: null, timestamp: false }, pino.destination({ sync: true }));
  logger.info(JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}'), "names");
  for (let i = 0; i < 100; i++) logger.info({ i }, "after");
  span.end();
});
