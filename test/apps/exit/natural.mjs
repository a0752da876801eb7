// Works, with the copy of the API that ES modules get, and comes to its end by itself.
import { setTimeout } from "node:timers/promises";
import { metrics, trace } from "@opentelemetry/api";

await setTimeout(10);
trace.getTracer("app").startSpan("last").end();
metrics.getMeter("app").createCounter("app.last").add(1);
console.log("done");
