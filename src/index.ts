import api from "@opentelemetry/api";
import { logs as legacyLogs } from "@opentelemetry/api-logs";
import type { MetricProducer } from "@opentelemetry/sdk-metrics";
import type { Config } from "./config/index.ts";
import {
  cumulativeProducer,
  EngineInstrumentation,
  engines,
  hookModules,
  frameworks,
  logLibraries,
  startWith,
  type Stratascope,
} from "./core.ts";

export type { Config } from "./config/index.ts";
export {
  addLogFields,
  alerts,
  EngineInstrumentation,
  health,
  inspectSpace,
  logger,
  logLevels,
  ownMetrics,
  restoreSampling,
  sampleFor,
  setLogLevel,
  withLogFields,
  type Alert,
  type AlertCondition,
  type AlertListener,
  type AlertRule,
  type AlertStatistic,
  type CheckOptions,
  type HealthReport,
  type InspectedObject,
  type Inspection,
  type JsonSeries,
  type LogFields,
  type Logger,
  type LogLevel,
  type LogThreshold,
  type Stratascope,
  type Verdict,
} from "./core.ts";

/**
 * Starts stratascope from code, for an application that cannot be started with `--require`. Must be called before the
 * engines are loaded.
 * @param options settings that take precedence over the environment
 */
export function start(options: Partial<Config> = {}): Stratascope {
  return startWith({ engines, frameworks, logLibraries }, options, { ...api, legacyLogs });
}

/**
 * Returns an OpenTelemetry instrumentation for each engine, for an application that sets up its own SDK. Must be called
 * before the engines are loaded. Spans are created by the provider the SDK registers; metrics require {@link
 * metricProducer}.
 */
export function instrumentations(): EngineInstrumentation[] {
  const each = engines.map((engine) => new EngineInstrumentation(engine));
  hookModules(each);
  return each;
}

/** Returns a producer of our metrics, for the option `metricProducers` of a reader of the application's own SDK. */
export const metricProducer = (): MetricProducer => cumulativeProducer();

/**
 * Instruments an engine that was bundled into the application, so that no hook observes its loading.
 * @param id the engine, such as `better-sqlite3`
 * @param exports the exports of its package, such as the `Database` class
 * @throws TypeError if there is no such engine
 */
export function instrument<T>(id: string, exports: T): T {
  const engine = engines.find((each) => each.id === id);
  if (engine === undefined)
    throw new TypeError(`there is no engine "${id}"; known are ${engines.map((each) => each.id).join(", ")}`);
  return new EngineInstrumentation(engine).patch(exports) as T;
}
