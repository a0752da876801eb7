import type { HealthCheck } from "./check.ts";

/** The checks that were added to our own; one with the name of ours takes its place. */
export class HealthChecks {
  readonly #added = new Map<string, HealthCheck>();

  /** @returns takes it away again */
  add(check: HealthCheck): () => void {
    this.#added.set(check.name, check);
    return () => {
      if (this.#added.get(check.name) === check) this.#added.delete(check.name);
    };
  }

  added(): Iterable<HealthCheck> {
    return this.#added.values();
  }
}

/** Those of this process. */
export const healthChecks: HealthChecks = new HealthChecks();
