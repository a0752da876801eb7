// Continues a trace that its caller does not record, and one that it does.
const { context, propagation, trace } = require("@opentelemetry/api");
for (const flag of ["00", "01"]) {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-" + flag;
  const parent = propagation.extract(context.active(), { traceparent });
  const tracer = trace.getTracer("app");
  tracer.startSpan("continued " + flag, {}, parent).end();
}
