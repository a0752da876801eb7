// Writes one error twice with winston, in two spans, and shows what the error has of its own afterwards.
const winston = require("winston");
const { trace } = require("@opentelemetry/api");

const { combine, errors, json } = winston.format;
const logger = winston.createLogger({
  format: combine(errors({ stack: true }), json()),
  transports: [new winston.transports.Console()],
});
const error = Object.assign(new TypeError("broken"), { code: "E_BROKEN" });
for (const name of ["first", "second"]) {
  trace.getTracer("app").startActiveSpan(name, (span) => {
    logger.error(error);
    span.end();
  });
}
console.log(`own: ${Object.keys(error).join()}`);
