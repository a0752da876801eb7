import { engines } from "../instrumentations/index.ts";
import type { Config } from "./config.ts";
import { EngineInstrumentation } from "./instrumentation.ts";
import { startWith, type Stratascope } from "./start.ts";

export {
  alerts,
  type Alert,
  type AlertCondition,
  type AlertListener,
  type AlertRule,
  type AlertStatistic,
} from "./alerts/index.ts";
export type { Config } from "./config.ts";
export { defineEngine, type Capabilities, type Engine } from "./engine.ts";
export { health, type CheckOptions, type HealthReport } from "./health/index.ts";
export type { Verdict } from "./health/check.ts";
export { EngineInstrumentation } from "./instrumentation.ts";
export { ownMetrics, type JsonSeries } from "./metrics/pull.ts";
export { restoreSampling, sampleFor } from "./sdk/sampler.ts";
export type { Stratascope } from "./start.ts";

/**
 * Starts stratascope from code, for an application that cannot be started with `--require`. Call it before
 * the engines are loaded.
 * @param options settings that go before those of the environment
 */
export function start(options: Partial<Config> = {}): Stratascope {
  return startWith(engines, options);
}

/** An OpenTelemetry instrumentation for each engine, for an application that sets up an SDK of its own. */
export function instrumentations(): EngineInstrumentation[] {
  return engines.map((engine) => new EngineInstrumentation(engine));
}

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
