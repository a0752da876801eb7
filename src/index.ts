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
  defineEngine,
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
  type Capabilities,
  type CheckOptions,
  type Engine,
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
 * Starts stratascope from code, for an application that cannot be started with `--require`. Call it before
 * the engines are loaded.
 * @param options settings that go before those of the environment
 */
export function start(options: Partial<Config> = {}): Stratascope {
  return startWith({ engines, frameworks, logLibraries }, options, { ...api, legacyLogs });
}

/**
 * An OpenTelemetry instrumentation for each engine, for an application that sets up an SDK of its own. Call it before
 * the engines are loaded. Spans go through the provider the SDK registers; metrics need {@link metricProducer}.
 */
export function instrumentations(): EngineInstrumentation[] {
  const each = engines.map((engine) => new EngineInstrumentation(engine));
  hookModules(each);
  return each;
}

/** Our metrics, for the option `metricProducers` of a reader of an SDK of the application's own. */
export const metricProducer = (): MetricProducer => cumulativeProducer();

/**
 * Instruments an engine that was bundled into the application, where no hook can see it being loaded.
 * @param id the engine, such as `better-sqlite3`
 * @param exports what its package exports, such as the `Database` class
 * @throws TypeError if there is no such engine
 */
export function instrument<T>(id: string, exports: T): T {
  const engine = engines.find((each) => each.id === id);
  if (engine === undefined)
    throw new TypeError(`there is no engine "${id}"; known are ${engines.map((each) => each.id).join(", ")}`);
  return new EngineInstrumentation(engine).patch(exports) as T;
}
