/**
 * Everything that runs from the start, built into one file, since load time depends on the number of files. It is
 * CommonJS, which takes half the time of ES modules, and is loaded once per thread, however it is imported. The build
 * adds the exports that lazily loaded files use.
 */
export {
  alerts,
  type Alert,
  type AlertCondition,
  type AlertListener,
  type AlertRule,
  type AlertStatistic,
} from "./alerts/index.ts";
export { engines } from "../instrumentations/index.ts";
export { frameworks } from "../instrumentations/frameworks/index.ts";
export { logLibraries } from "../instrumentations/loggers/index.ts";
export {
  database,
  type CompletedRun,
  type DatabaseOptions,
  type ObservedActivity,
  type ObservedDatabase,
  type ObservedOperation,
  type ObservedRun,
  type ObservedTransaction,
  type OperationOptions,
  type Outcome,
  type Purpose,
  type Within,
} from "./instrument/api.ts";
export type { ActivityOptions } from "./instrument/activity.ts";
export type { Collector, SetValue } from "./instrument/collectors.ts";
export { perObject, type AnyOperation, type PendingCall, type Probe, type Records } from "./instrument/probe.ts";
export {
  defineInstrumentation,
  type Instrumentation,
  type LayerId,
  type ModuleTarget,
} from "./instrument/definition.ts";
export { health, type CheckOptions, type HealthReport } from "./health/index.ts";
export type { Verdict } from "./health/check.ts";
export { hookModules } from "./boot/module-hooks.ts";
export { cumulativeProducer } from "./metrics/producer.ts";
export { inspectSpace, type InspectedObject, type Inspection } from "./instrument/space-report.ts";
export { EngineInstrumentation } from "./boot/otel-instrumentation.ts";
export type { LogLevel, LogThreshold } from "./config/log-level.ts";
export type { Logger } from "./logs/logger.ts";
export type { LogFields } from "./context/log-fields.ts";
export { logger, logLevels, setLogLevel } from "./logs/loggers.ts";
export { addLogFields, withLogFields } from "./context/log-fields.ts";
export { ownMetrics, type JsonSeries } from "./boot/pull-metrics.ts";
export { register } from "./register.ts";
export { restoreSampling, sampleFor } from "./spans/sampler.ts";
export { startWith, type Stratascope } from "./boot/start.ts";
