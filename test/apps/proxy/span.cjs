require("@opentelemetry/api").trace.getTracer("app").startSpan("last").end();
