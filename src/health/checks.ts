import type { HealthCheck } from "./check.ts";

/** Checks added by the application; one with the name of a built-in check replaces it. */
export class HealthChecks {
  readonly #added = new Map<string, HealthCheck>();

  /**
   * Adds a check.
   * @returns a function that removes it
   */
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

/** Checks of this process. */
export const healthChecks: HealthChecks = new HealthChecks();
