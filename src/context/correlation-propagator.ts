import { propagation, type Context, type TextMapPropagator, type TextMapSetter } from "@opentelemetry/api";
import { CORRELATION_ENTRY, givenIds, REQUEST_ENTRY, type Ids } from "./correlation.ts";

/**
 * Wraps a propagator so that it also injects the ids that were given: into the baggage, and the correlation id into its
 * header as well. The ids are read from the request on demand, so that a request whose ids are not used costs nothing.
 * @param header name of the header of the correlation id
 */
export function withCorrelation(inner: TextMapPropagator, header: string): TextMapPropagator {
  return {
    inject(context: Context, carrier: unknown, setter: TextMapSetter) {
      const ids = givenIds(context);
      const isGiven = ids.correlation !== undefined || ids.request !== undefined;
      inner.inject(isGiven ? withBaggage(context, ids) : context, carrier, setter);
      if (ids.correlation !== undefined && !has(carrier, header)) setter.set(carrier, header, ids.correlation);
    },
    extract: (context, carrier, getter) => inner.extract(context, carrier, getter),
    fields: () => [...inner.fields(), header],
  };
}

function withBaggage(context: Context, { correlation, request }: Ids): Context {
  let baggage = propagation.getBaggage(context) ?? propagation.createBaggage();
  if (correlation !== undefined) baggage = baggage.setEntry(CORRELATION_ENTRY, { value: correlation });
  if (request !== undefined) baggage = baggage.setEntry(REQUEST_ENTRY, { value: request });
  return propagation.setBaggage(context, baggage);
}

/** Tells whether a carrier has the header already: the application can have set it itself, and its own value stays. */
function has(carrier: unknown, header: string): boolean {
  if (typeof carrier !== "object" || carrier === null) return false;
  const { hasHeader } = carrier as { hasHeader?: unknown };
  return typeof hasHeader === "function" ? Boolean(Reflect.apply(hasHeader, carrier, [header])) : header in carrier;
}
