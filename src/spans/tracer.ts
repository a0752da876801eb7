import { trace, type Tracer, type TracerProvider } from "@opentelemetry/api";
import { SCOPE } from "../scope.ts";

let provider: TracerProvider | undefined;
let current: Tracer;

/** The provider can be registered at any time, and through another copy of the API, which does not tell ours. */
function currentTracer(): Tracer {
  const registered = trace.getTracerProvider();
  if (registered !== provider) {
    provider = registered;
    current = registered.getTracer(SCOPE.name, SCOPE.version);
  }
  return current;
}

/** Our tracer, of whatever provider is registered when a span is made. */
export const tracer: Pick<Tracer, "startSpan"> = {
  startSpan: (name, options, parent) => currentTracer().startSpan(name, options, parent),
};
