// Writes one record, an error in a request with a user, that says everything a record can say.
const { trace } = require("@opentelemetry/api");
const { addLogFields, logger } = require("stratascope");
const { ask, listen } = require("./http.cjs");

const log = logger("api.orders");
const answer = (request, response) => {
  addLogFields({ org_id: "acme", project_id: "site", user_id: "u7" });
  request.route = { path: "/orders/:id" };
  trace.getTracer("app").startActiveSpan("check", (span) => {
    setTimeout(() => {
      const error = Object.assign(new TypeError("not valid"), { code: "E_INVALID" });
      log.error("validation failed", {
        event_name: "validation.failed",
        duration_ms: 12.3,
        outcome: "error",
        amount: 3,
        error,
      });
      span.end();
      response.end();
    }, 1);
  });
};
listen(answer, async (port, server) => {
  await ask(port, { "X-Correlation-Id": "order-4711", "X-Request-Id": "r1", "x-forwarded-for": "192.0.2.7" });
  server.close();
});
