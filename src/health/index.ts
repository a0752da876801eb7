import type { HealthCheckType, HealthState } from "../../semconv/index.ts";
import { readConfig, type Config } from "../config/index.ts";
import { Guard } from "../runtime/guard.ts";
import { adminChunk } from "../runtime/chunks.ts";
import { HEALTH_STATES, type Verdict } from "./check.ts";
import { healthChecks } from "./checks.ts";

/** Application-defined check. */
export interface CheckOptions {
  /** The name in paths and metrics; that of a built-in check replaces it. */
  readonly name: string;
  /** Default: `readiness`. */
  readonly type?: HealthCheckType;
  /** True if the process is not ready, or not live, when the check fails. Default: true. */
  readonly required?: boolean;
  /** Milliseconds for which a result is valid. Default: 1000. */
  readonly interval?: number;
  /** Timeout of a run, in milliseconds. Default: `STRATASCOPE_HEALTH_TIMEOUT_MS`. */
  readonly timeout?: number;
  /**
   * Runs the check. True and undefined are healthy; false and an exception are unhealthy. Only the type of an error is
   * reported.
   * @param signal aborted at the timeout
   */
  readonly run: (signal: AbortSignal) => Outcome | Promise<Outcome>;
}

type Outcome = HealthState | Verdict | boolean | void;

/** Combined result of all checks of a type. */
export interface HealthReport {
  readonly status: HealthState;
  readonly checks: Readonly<Record<string, Verdict>>;
}

const VERDICTS = new Map<Outcome, Verdict>([
  [true, { state: "healthy" }],
  [undefined, { state: "healthy" }],
  [false, { state: "unhealthy" }],
]);

/**
 * Converts the outcome of a check.
 * @throws TypeError if it is not a valid outcome
 */
function verdictOf(outcome: Outcome): Verdict {
  const known = VERDICTS.get(outcome);
  if (known !== undefined) return known;
  const verdict = (typeof outcome === "string" ? { state: outcome } : outcome) as Verdict | null;
  if (!HEALTH_STATES.includes(verdict?.state as HealthState)) throw new TypeError("there is no such state");
  return verdict!;
}

/** Module that runs the checks, loaded when they are first requested or due. */
export interface HealthChunk {
  /** Returns the monitor, which runs the checks of a type. Never rejects. */
  healthMonitor(config: Config): {
    report(type: HealthCheckType): Promise<{
      readonly state: HealthState;
      readonly checks: ReadonlyMap<{ readonly name: string }, Verdict>;
    }>;
  };
  /** Runs all checks, and records the current metrics in the history. Never rejects. */
  lookAround(config: Config): Promise<void>;
}

const admin = (): HealthChunk => adminChunk<HealthChunk>();

/** Settings the process was started with. */
let settings: Config | undefined;
const config = (): Config => (settings ??= readConfig().config);

/** Health of this process. */
export const health = {
  /**
   * Adds an application-defined check.
   * @returns a function that removes it
   */
  add({ name, type = "readiness", required = true, interval = 1_000, timeout, run }: CheckOptions): () => void {
    return healthChecks.add({
      name,
      type,
      required,
      interval,
      timeout: timeout ?? config().healthTimeout,
      run: async (signal) => verdictOf(await run(signal)),
    });
  },

  /** Returns the result of the checks of a type, for an application that answers its probes itself. Never rejects. */
  async report(type: HealthCheckType = "readiness"): Promise<HealthReport> {
    const { state, checks } = await admin().healthMonitor(config()).report(type);
    const verdicts = Array.from(checks, ([{ name }, { state, message }]) => [name, { state, message }] as const);
    return { status: state, checks: Object.fromEntries(verdicts) };
  },
};

const guard = new Guard("health");

/**
 * Runs the checks periodically. Their module is loaded when they are first due.
 * @returns a function that stops them
 */
export function startHealth(given: Config): () => void {
  settings = given;
  if (!isLookedAfter(given) || given.healthInterval === 0) return () => {};
  const timer = setInterval(
    guard.whileEnabled(() => admin().lookAround(given)),
    given.healthInterval,
  ).unref();
  return () => clearInterval(timer);
}

/** Tells whether the checks run periodically: alert rules may refer to health even if it is not served. */
const isLookedAfter = (config: Config): boolean =>
  isHealthOn(config) || (config.health === "auto" && config.alerts !== "");

/** Tells whether health is checked and served. */
export const isHealthOn = (config: Config): boolean =>
  config.health === "on" || (config.health === "auto" && isScraped(config));

/** Tells whether we listen for `/metrics`; a listener defined in a configuration file belongs to the SDK. */
export const isScraped = ({ configFile, metricsExporters: names }: Config): boolean =>
  configFile === "" && names.includes("prometheus") && !names.includes("none");
