import { propagation, type Context, type TextMapPropagator, type TextMapSetter } from "@opentelemetry/api";
import { CORRELATION_ENTRY, givenIds, REQUEST_ENTRY, type Ids } from "./correlation.ts";

/**
 * Sends ids that were given along with the context: in the baggage, and the correlation id in its header as well. They
 * are read from the request when they are needed, so that a request that nobody asks about costs nothing.
 * @param header the name of that header
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

/** The application can have sent the header itself, and its own stays. */
function has(carrier: unknown, header: string): boolean {
  if (typeof carrier !== "object" || carrier === null) return false;
  const { hasHeader } = carrier as { hasHeader?: unknown };
  return typeof hasHeader === "function" ? Boolean(Reflect.apply(hasHeader, carrier, [header])) : header in carrier;
}
