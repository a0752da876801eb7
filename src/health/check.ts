import type { HealthCheckType, HealthState } from "../../semconv/index.ts";

/** From well to worst. */
export const HEALTH_STATES = ["healthy", "degraded", "unhealthy", "critical"] as const satisfies readonly HealthState[];

/** What a check found. */
export interface Verdict {
  readonly state: HealthState;
  /** For people: no secret, no path, one line. */
  readonly message?: string | undefined;
}

/** One thing that is looked at. */
export interface HealthCheck {
  readonly name: string;
  readonly type: HealthCheckType;
  /** Whether all is as bad as this is; otherwise it makes the whole no worse than degraded. */
  readonly required: boolean;
  /** Milliseconds for which an answer is good; who asks earlier gets the same. */
  readonly interval: number;
  /** Milliseconds a run may take. */
  readonly timeout: number;
  /** Looks. What it throws makes it unhealthy. */
  readonly run: (signal: AbortSignal) => Verdict | Promise<Verdict>;
}

/** Whether the process can go on, and be given work, in this state. */
export const isServing = (state: HealthState): boolean => state === "healthy" || state === "degraded";

const rank = ({ state }: Verdict): number => HEALTH_STATES.indexOf(state);

/** The worst of several, the first of those that are alike; of none, all is well. */
export const worst = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.reduce<Verdict>((worst, each) => (rank(each) > rank(worst) ? each : worst), verdicts[0] ?? HEALTHY);

export const HEALTHY: Verdict = { state: "healthy" };

/** A verdict about one of several things. */
export const about = (name: string, { state, message }: Verdict): Verdict => ({
  state,
  message: message === undefined ? undefined : `${name}: ${message}`,
});
