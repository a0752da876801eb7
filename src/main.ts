/**
 * Everything that runs from the start: one file once it is built, as it is the number of files that takes time to load.
 * It is CommonJS, which takes half of the time ES modules take, and there is one of it in a thread, whoever asks.
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
export { defineEngine, type Capabilities, type Engine } from "./engine.ts";
export { health, type CheckOptions, type HealthReport } from "./health/index.ts";
export type { Verdict } from "./health/check.ts";
export { hookModules } from "./loader.ts";
export { cumulativeProducer } from "./sdk/readers.ts";
export { inspectSpace, type InspectedObject, type Inspection } from "./inspection.ts";
export { EngineInstrumentation } from "./instrumentation.ts";
export type { LogLevel, LogThreshold } from "./logs/level.ts";
export type { LogFields, Logger } from "./logs/logger.ts";
export { logger, logLevels, setLogLevel } from "./logs/loggers.ts";
export { addLogFields, withLogFields } from "./logs/scope.ts";
export { ownMetrics, type JsonSeries } from "./metrics/pull.ts";
export { register } from "./register.ts";
export { restoreSampling, sampleFor } from "./sdk/sampler.ts";
export { startWith, type Stratascope } from "./start.ts";

// For what is loaded later on, and is to use what is here.
export { Guard } from "./guard.ts";
export { alertRules } from "./alerts/index.ts";
export { now } from "./clock.ts";
export { oneLine, OPTIONS } from "./config.ts";
export { engineRecords } from "./engine-record.ts";
export { errorType } from "./error-type.ts";
export { thisOwner } from "./exit/owner.ts";
export { attemptFinding, emitFinding } from "./findings/event.ts";
export { about, HEALTH_STATES, HEALTHY, isServing, worst } from "./health/check.ts";
export { healthChecks } from "./health/checks.ts";
export { openDatabases } from "./health/open-databases.ts";
export { logLevel } from "./incident.ts";
export { leaveWhenAsked } from "./listener/asked-ports.ts";
export { Connections } from "./listener/connections.ts";
export { SharedRun } from "./listener/shared-run.ts";
export { log, LOG_LEVELS, warnOnce } from "./log.ts";
export { LOG_THRESHOLDS } from "./logs/level.ts";
export { logRuleOf } from "./logs/loggers.ts";
export { GaugeCell, SumCell } from "./metrics/cells.ts";
export { Scrapes } from "./metrics/scrape.ts";
export { countOf, exponentialBuckets, HistogramCell, mergeHistograms, quantile } from "./metrics/histogram.ts";
export { hotMetrics } from "./metrics/instruments.ts";
export { HotMetricProducer } from "./metrics/producer.ts";
export { milliseconds, url, whole } from "./option.ts";
export { letProcessEnd } from "./otlp/connecting.ts";
export { exportFailed } from "./otlp/reachability.ts";
export { requestTarget } from "./otlp/request-target.ts";
export { countUntimed } from "./operation.ts";
export { ownRequest } from "./own-request.ts";
export { SCOPE } from "./scope.ts";
export { boundCallbacks, MAX_WAIT_MS } from "./sdk/callbacks.ts";
export { serviceName } from "./sdk/resource.ts";
export { sampling } from "./sdk/sampler.ts";
export { Temporary } from "./temporary.ts";
export { threadId } from "./thread.ts";
export { tellWorkers } from "./threads/main.ts";
export { receiveRecords, receiveSpans } from "./threads/receivers.ts";
