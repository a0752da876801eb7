import { Guard } from "./guard.ts";

/** Guard of temporary overrides. */
export const guard: Guard = new Guard("overrides");

/** State of a temporary override. */
export interface TimedOverrideState<T> {
  readonly value: T;
  /** Value without an override. */
  readonly base: T;
  /** End of the override, in milliseconds of Unix time; undefined without an override. */
  readonly until: number | undefined;
}

/**
 * Setting that can be overridden while the process runs, and reverts by itself, so that an override cannot be
 * forgotten.
 */
export class TimedOverride<T> {
  readonly #base: T;
  readonly #apply: (value: T, isChanged: boolean) => void;
  #value: T;
  #until: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param apply puts a value in force; `isChanged` is true if the value is an override */
  constructor(base: T, apply: (value: T, isChanged: boolean) => void) {
    this.#base = base;
    this.#value = base;
    this.#apply = apply;
  }

  get state(): TimedOverrideState<T> {
    return { value: this.#value, base: this.#base, until: this.#until };
  }

  change(value: T, seconds: number): void {
    clearTimeout(this.#timer);
    this.#until = Date.now() + seconds * 1000;
    this.#set(value);
    this.#timer = setTimeout(
      guard.callback(() => this.restore()),
      seconds * 1000,
    ).unref();
  }

  restore(): void {
    clearTimeout(this.#timer);
    this.#until = undefined;
    this.#set(this.#base);
  }

  #set(value: T): void {
    this.#value = value;
    this.#apply(value, this.#until !== undefined);
  }
}
