// Starts the SDK in code, and shuts it down before its end.
import { metrics, trace } from "@opentelemetry/api";
import { start } from "stratascope";

const { shutdown } = start();
trace.getTracer("app").startSpan("last").end();
metrics.getMeter("app").createCounter("app.last").add(1);
await shutdown();
trace.getTracer("app").startSpan("too late").end();
process.exit(9);
