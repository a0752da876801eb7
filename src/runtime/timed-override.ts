import { Guard } from "./guard.ts";

/** Stands between what is changed for a time and the application. */
export const guard: Guard = new Guard("adjustments");

/** What is known of a setting that can be changed for a time. */
export interface TemporaryState<T> {
  readonly value: T;
  /** What it is otherwise. */
  readonly base: T;
  /** When it goes back, in milliseconds of Unix time; undefined while it is what it is otherwise. */
  readonly until: number | undefined;
}

/** A setting that can be changed while the process runs, and goes back by itself: nobody has to remember it. */
export class Temporary<T> {
  readonly #base: T;
  readonly #apply: (value: T, isChanged: boolean) => void;
  #value: T;
  #until: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param apply has a value in force; told whether that is another one than otherwise */
  constructor(base: T, apply: (value: T, isChanged: boolean) => void) {
    this.#base = base;
    this.#value = base;
    this.#apply = apply;
  }

  get state(): TemporaryState<T> {
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
