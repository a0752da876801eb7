/**
 * `stratascope/instrument`: for the author of an engine that reports its own work, and of the instrumentation of a
 * package. Names of metrics, attributes and kinds are in `stratascope/semconv`.
 */
import { EngineInstrumentation, hookModules, type Instrumentation } from "./core.ts";

export {
  database,
  defineInstrumentation,
  perObject,
  type ActivityOptions,
  type AnyOperation,
  type Collector,
  type CompletedRun,
  type DatabaseOptions,
  type Instrumentation,
  type LayerId,
  type ModuleTarget,
  type ObservedActivity,
  type ObservedDatabase,
  type ObservedOperation,
  type ObservedRun,
  type ObservedTransaction,
  type OperationOptions,
  type Outcome,
  type PendingCall,
  type Probe,
  type Purpose,
  type Records,
  type SetValue,
  type Within,
} from "./core.ts";

/**
 * Observes a package by an instrumentation of the caller's. Must be called before the package is loaded.
 * @returns an OpenTelemetry instrumentation, by which it can be disabled and enabled
 */
export function observe(instrumentation: Instrumentation): EngineInstrumentation {
  const observed = new EngineInstrumentation(instrumentation);
  hookModules([observed]);
  return observed;
}
