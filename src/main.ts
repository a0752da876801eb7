/**
 * Everything that runs from the start: one file once it is built, as it is the number of files that takes time to load.
 * It is CommonJS, which takes half of the time ES modules take, and there is one of it in a thread, whoever asks.
 */
export { engines } from "../instrumentations/index.ts";
export { logLibraries } from "../instrumentations/loggers/index.ts";
export { defineEngine, type Capabilities, type Engine } from "./engine.ts";
export { inspectSpace, type InspectedObject, type Inspection } from "./inspection.ts";
export { EngineInstrumentation } from "./instrumentation.ts";
export type { LogLevel, LogThreshold } from "./logs/level.ts";
export type { LogFields, Logger } from "./logs/logger.ts";
export { logger, logLevels, setLogLevel } from "./logs/loggers.ts";
export { addLogFields, withLogFields } from "./logs/scope.ts";
export { register } from "./register.ts";
export { startWith, type Stratascope } from "./start.ts";

// For what is loaded later on, and is to use what is here.
export { log } from "./log.ts";
export { serveMetrics } from "./metrics/endpoint.ts";
export { hotMetrics } from "./metrics/instruments.ts";
export { HotMetricProducer } from "./metrics/producer.ts";
export { exportFailed } from "./sdk/diagnostics.ts";
export { receiveRecords, receiveSpans } from "./threads/receivers.ts";
