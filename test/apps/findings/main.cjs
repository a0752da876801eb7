const { trace } = require("@opentelemetry/api");
const store = require("./lib/store.cjs");

require("./requests.cjs")(trace.getTracer("app"), store);
