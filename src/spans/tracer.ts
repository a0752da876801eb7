import { trace, type Tracer } from "@opentelemetry/api";
import { SCOPE } from "../scope.ts";

/** Our tracer, of whatever provider is registered when a span is made. */
export const tracer: Tracer = trace.getTracer(SCOPE.name, SCOPE.version);
