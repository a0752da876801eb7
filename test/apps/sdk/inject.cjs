// Says which headers it would send a trace and its baggage in.
const { context, propagation, trace } = require("@opentelemetry/api");
const baggage = propagation.createBaggage({ tenant: { value: "7" } });
trace.getTracer("app").startActiveSpan("work", {}, propagation.setBaggage(context.active(), baggage), () => {
  const carrier = {};
  propagation.inject(context.active(), carrier);
  console.log(Object.keys(carrier).join());
});
