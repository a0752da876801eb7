/**
 * Required before stratascope: a provider whose spans go nowhere, as those of the other variants do. What it costs to
 * send them is a matter of how much is recorded, not of how.
 */
import { trace } from "@opentelemetry/api";
import { AlwaysOffSampler, AlwaysOnSampler, NoopSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

const sampler = process.env["OTEL_TRACES_SAMPLER"] === "always_off" ? new AlwaysOffSampler() : new AlwaysOnSampler();
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new NoopSpanProcessor()], sampler }));
