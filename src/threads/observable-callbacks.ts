import type { Attributes, Observable, ObservableCallback } from "@opentelemetry/api";
import { errorType } from "../runtime/error-type.ts";
import { callbackFailed } from "../metrics/callback-errors.ts";
import { guard } from "./attempt.ts";

/** Sets the value of a series. */
export type Observe = (value: number, attributes?: Attributes) => void;

/** Callback of the application that runs at each collection. */
interface RegisteredCallback {
  /** True until it has settled. */
  isPending?: boolean;
  readonly callback: unknown;
  /** One instrument, or the set of instruments that a batch callback observes. */
  readonly about: Observable | ReadonlySet<Observable>;
  readonly run: () => unknown;
}

function isSame(a: RegisteredCallback["about"], b: RegisteredCallback["about"]): boolean {
  if (!(a instanceof Set && b instanceof Set)) return a === b;
  return a.size === b.size && [...a].every((each) => b.has(each));
}

/** Callbacks of a worker's observable instruments. */
export class Callbacks {
  #callbacks: RegisteredCallback[] = [];

  add(registered: RegisteredCallback): void {
    this.remove(registered);
    this.#callbacks.push(registered);
  }

  remove({ callback, about }: Omit<RegisteredCallback, "run">): void {
    this.#callbacks = this.#callbacks.filter((each) => each.callback !== callback || !isSame(each.about, about));
  }

  /** Runs all callbacks except those still running; late observations are for the next collection. */
  runAll(): void {
    for (const registered of this.#callbacks) if (registered.isPending !== true) guard.watch(run(registered));
  }
}

/** Runs a callback. Never rejects. A synchronous callback can be run again at once. */
async function run(registered: RegisteredCallback): Promise<void> {
  try {
    const result = registered.run();
    if (typeof (result as PromiseLike<unknown> | undefined)?.then !== "function") return;
    registered.isPending = true;
    await (result as PromiseLike<unknown>);
  } catch (error) {
    callbackFailed(errorType(error));
  }
  registered.isPending = false;
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
    this.#callbacks.add({ callback, about: this, run: () => callback({ observe }) });
  }

  removeCallback(callback: ObservableCallback): void {
    this.#callbacks.remove({ callback, about: this });
  }
}
