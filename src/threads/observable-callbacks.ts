import type { Attributes, Observable, ObservableCallback } from "@opentelemetry/api";
import { errorType } from "../runtime/error-type.ts";
import { callbackFailed } from "../metrics/callback-errors.ts";
import { guard } from "./attempt.ts";

/** Sets the value of a series. */
export type Observe = (value: number, attributes?: Attributes) => void;

/** Callback of the application that runs at each collection. */
interface Question {
  /** True until it has settled. */
  isPending?: boolean;
  readonly callback: unknown;
  /** One instrument, or the set of instruments that a batch callback observes. */
  readonly about: Observable | ReadonlySet<Observable>;
  readonly ask: () => unknown;
}

function isSame(a: Question["about"], b: Question["about"]): boolean {
  if (!(a instanceof Set && b instanceof Set)) return a === b;
  return a.size === b.size && [...a].every((each) => b.has(each));
}

/** Callbacks of a worker's observable instruments. */
export class Callbacks {
  #questions: Question[] = [];

  add(question: Question): void {
    this.remove(question);
    this.#questions.push(question);
  }

  remove({ callback, about }: Omit<Question, "ask">): void {
    this.#questions = this.#questions.filter((each) => each.callback !== callback || !isSame(each.about, about));
  }

  /** Runs all callbacks except those still running; late observations are for the next collection. */
  ask(): void {
    for (const question of this.#questions) if (question.isPending !== true) guard.watch(pose(question));
  }
}

/** Runs a callback. Never rejects. A synchronous callback can be run again at once. */
async function pose(question: Question): Promise<void> {
  try {
    const answer = question.ask();
    if (typeof (answer as PromiseLike<unknown> | undefined)?.then !== "function") return;
    question.isPending = true;
    await (answer as PromiseLike<unknown>);
  } catch (error) {
    callbackFailed(errorType(error));
  }
  question.isPending = false;
}

/** Observable instrument of a worker. */
export class Observed implements Observable {
  readonly observe: Observe;
  readonly #callbacks: Callbacks;

  constructor(observe: Observe, callbacks: Callbacks) {
    this.observe = observe;
    this.#callbacks = callbacks;
  }

  addCallback(callback: ObservableCallback): void {
    const { observe } = this;
    this.#callbacks.add({ callback, about: this, ask: () => callback({ observe }) });
  }

  removeCallback(callback: ObservableCallback): void {
    this.#callbacks.remove({ callback, about: this });
  }
}
