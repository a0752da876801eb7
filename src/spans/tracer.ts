import { trace, type Tracer, type TracerProvider } from "@opentelemetry/api";
import { SCHEMA, SCOPE } from "../runtime/package-info.ts";

let provider: TracerProvider | undefined;
let current: Tracer;

/**
 * Tracer of the provider that is registered when a span is created. The provider is looked up for each span: a tracer
 * that the API returned earlier does not learn of a provider registered through another copy of the API.
 */
export const tracer: Pick<Tracer, "startSpan"> = {
  startSpan(name, options, context) {
    const registered = trace.getTracerProvider();
    if (registered !== provider) {
      provider = registered;
      current = provider.getTracer(SCOPE.name, SCOPE.version, SCHEMA);
    }
    return current.startSpan(name, options, context);
  },
};
