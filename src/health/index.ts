import type { HealthCheckType, HealthState } from "../../semconv/index.ts";
import { readConfig, type Config } from "../config/index.ts";
import { Guard } from "../runtime/guard.ts";
import { adminChunk } from "../runtime/chunks.ts";
import { HEALTH_STATES, type Verdict } from "./check.ts";
import { healthChecks } from "./checks.ts";

/** A check of the application's own. */
export interface CheckOptions {
  /** Its name, as in the paths and metrics; with the name of one of ours it takes its place. */
  readonly name: string;
  /** `readiness` unless it is said. */
  readonly type?: HealthCheckType;
  /** Whether the process is not ready, or not live, without it; true unless it is said. */
  readonly required?: boolean;
  /** Milliseconds for which an answer is good, 1000 unless it is said. */
  readonly interval?: number;
  /** Milliseconds it may take; `STRATASCOPE_HEALTH_TIMEOUT_MS` unless it is said. */
  readonly timeout?: number;
  /**
   * Looks. True and nothing at all are healthy, false is unhealthy, and so is what throws; of an error no more than
   * its type is told.
   * @param signal aborted when its time is over
   */
  readonly run: (signal: AbortSignal) => Outcome | Promise<Outcome>;
}

type Outcome = HealthState | Verdict | boolean | void;

/** What all checks of a type say together. */
export interface HealthReport {
  readonly status: HealthState;
  readonly checks: Readonly<Record<string, Verdict>>;
}

const VERDICTS = new Map<Outcome, Verdict>([
  [true, { state: "healthy" }],
  [undefined, { state: "healthy" }],
  [false, { state: "unhealthy" }],
]);

/** @throws TypeError if it is none of what a check may say */
function verdictOf(outcome: Outcome): Verdict {
  const known = VERDICTS.get(outcome);
  if (known !== undefined) return known;
  const verdict = (typeof outcome === "string" ? { state: outcome } : outcome) as Verdict | null;
  if (!HEALTH_STATES.includes(verdict?.state as HealthState)) throw new TypeError("there is no such state");
  return verdict!;
}

/** What runs the checks, loaded when it is first asked or due. */
export interface HealthChunk {
  /** Runs the checks of a type. Never rejects. */
  healthMonitor(config: Config): {
    report(type: HealthCheckType): Promise<{
      readonly state: HealthState;
      readonly checks: ReadonlyMap<{ readonly name: string }, Verdict>;
    }>;
  };
  /** Runs all checks, and keeps the metrics of this moment. Never rejects. */
  lookAround(config: Config): Promise<void>;
}

const admin = (): HealthChunk => adminChunk<HealthChunk>();

/** The settings the process was started with. */
let settings: Config | undefined;
const config = (): Config => (settings ??= readConfig().config);

/** How well this process is. */
export const health = {
  /** Adds a check of the application's own. @returns takes it away again */
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

  /** What the checks of a type say, for an application that answers its probes itself. Never rejects. */
  async report(type: HealthCheckType = "readiness"): Promise<HealthReport> {
    const { state, checks } = await admin().healthMonitor(config()).report(type);
    const verdicts = Array.from(checks, ([{ name }, { state, message }]) => [name, { state, message }] as const);
    return { status: state, checks: Object.fromEntries(verdicts) };
  },
};

const guard = new Guard("health");

/**
 * Looks around from time to time, beginning with the first time it is due: nothing of it is loaded before.
 * @returns stops it
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

/** Alerts can be about health where nobody asks for it. */
const isLookedAfter = (config: Config): boolean =>
  isHealthOn(config) || (config.health === "auto" && config.alerts !== "");

/** Whether health is checked and answered for. */
export const isHealthOn = (config: Config): boolean =>
  config.health === "on" || (config.health === "auto" && isScraped(config));

/** Whether there is a listener of ours for `/metrics`; what a configuration file asks for is the SDK's. */
export const isScraped = ({ configFile, metricsExporters: names }: Config): boolean =>
  configFile === "" && names.includes("prometheus") && !names.includes("none");
