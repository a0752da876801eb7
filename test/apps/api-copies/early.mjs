// Starts the SDK in code. Modules ask for tracers and loggers when they are imported, which is before the first line of the application.
import { logs, trace } from "@opentelemetry/api";
import { logs as legacy } from "@opentelemetry/api-logs";
import { start } from "stratascope";

const tracer = trace.getTracer("early");
const loggers = [logs.getLogger("early"), legacy.getLogger("early")];
start();
tracer.startSpan("span").end();
loggers.forEach((logger, i) => logger.emit({ body: "record " + i }));
