import type { HealthCheckType, HealthState } from "../../../semconv/index.ts";
import { about, worst } from "../../health/check.ts";
import type { HealthCheck, Verdict } from "../../health/check.ts";
import { Runner, type CheckResult } from "./runner.ts";
import { ReportedState } from "./reported-state.ts";

/** Combined result of all checks of a type. */
export interface CombinedHealth {
  readonly state: HealthState;
  readonly checks: ReadonlyMap<HealthCheck, CheckResult>;
}

/**
 * Returns the verdict of a check as it counts in the combined result, which depends on whether the check is required.
 */
const counted = (check: HealthCheck, { state, message }: CheckResult): Verdict =>
  check.required || state === "healthy" ? { state, message } : { state: "degraded", message };

/** Monitor that runs the health checks, on request and periodically. */
export class Monitor {
  readonly #checks: () => Iterable<HealthCheck>;
  readonly #runners = new Map<string, Runner>();
  readonly #statuses = new Map<HealthCheckType, ReportedState>();

  /** @param checks returns the current checks; of two with the same name the last one counts */
  constructor(checks: () => Iterable<HealthCheck>) {
    this.#checks = checks;
  }

  /** Returns the combined result of all checks of a type. Never rejects. */
  async report(type: HealthCheckType): Promise<CombinedHealth> {
    const runners = this.#current().filter(({ check }) => check.type === type);
    const results = await Promise.all(runners.map(async (runner) => [runner.check, await runner.result()] as const));
    const { state, message } = worst(results.map(([check, result]) => about(check.name, counted(check, result))));
    this.#statusOf(type).changed(state, message);
    return { state, checks: new Map(results) };
  }

  /** Returns the result of one check; undefined if there is no check of that name and type. */
  async result(type: HealthCheckType, name: string): Promise<[HealthCheck, CheckResult] | undefined> {
    const runner = this.#current().find(({ check }) => check.type === type && check.name === name);
    return runner && [runner.check, await runner.result()];
  }

  /** Returns a runner for each current check. */
  #current(): Runner[] {
    const checks = new Map(Array.from(this.#checks(), (check) => [check.name, check]));
    for (const [name, runner] of this.#runners) {
      if (checks.get(name) === runner.check) continue;
      this.#runners.delete(name);
      runner.status.forget();
    }
    for (const check of checks.values()) {
      if (!this.#runners.has(check.name)) this.#runners.set(check.name, new Runner(check));
    }
    return [...this.#runners.values()];
  }

  #statusOf(type: HealthCheckType): ReportedState {
    const known = this.#statuses.get(type) ?? new ReportedState(type);
    this.#statuses.set(type, known);
    return known;
  }
}
