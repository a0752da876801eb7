import type { HealthCheckType, HealthState } from "../../semconv/index.ts";

/** States from best to worst. */
export const HEALTH_STATES = ["healthy", "degraded", "unhealthy", "critical"] as const satisfies readonly HealthState[];

/** Result of a check. */
export interface Verdict {
  readonly state: HealthState;
  /** One line for people, without secrets and paths. */
  readonly message?: string | undefined;
}

/** Health check. */
export interface HealthCheck {
  readonly name: string;
  readonly type: HealthCheckType;
  /** True if the combined state is as bad as this one; otherwise it is at worst degraded. */
  readonly required: boolean;
  /** Milliseconds for which a result is valid; an earlier request gets the same result. */
  readonly interval: number;
  /** Timeout of a run, in milliseconds. */
  readonly timeout: number;
  /** Runs the check. An exception makes it unhealthy. */
  readonly run: (signal: AbortSignal) => Verdict | Promise<Verdict>;
}

/** Tells whether the process can continue, and accept work, in this state. */
export const isServing = (state: HealthState): boolean => state === "healthy" || state === "degraded";

const rank = ({ state }: Verdict): number => HEALTH_STATES.indexOf(state);

/** Returns the worst of several verdicts, the first of equal ones; healthy if there are none. */
export const worst = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.reduce<Verdict>((worst, each) => (rank(each) > rank(worst) ? each : worst), verdicts[0] ?? HEALTHY);

export const HEALTHY: Verdict = { state: "healthy" };

/** Adds a subject to the message of a verdict. */
export const about = (name: string, { state, message }: Verdict): Verdict => ({
  state,
  message: message === undefined ? undefined : `${name}: ${message}`,
});
