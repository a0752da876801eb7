import { trace, type Tracer, type TracerProvider } from "@opentelemetry/api";
import { SCOPE } from "../runtime/package-info.ts";

let provider: TracerProvider | undefined;
let current: Tracer;

/**
 * Our tracer, of whatever provider is registered when a span is made. Asked for each time: what the API gives out
 * before a provider is registered learns of none that is registered through another copy of the API.
 */
export const tracer: Pick<Tracer, "startSpan"> = {
  startSpan(name, options, context) {
    const registered = trace.getTracerProvider();
    if (registered !== provider) {
      provider = registered;
      current = provider.getTracer(SCOPE.name, SCOPE.version);
    }
    return current.startSpan(name, options, context);
  },
};
