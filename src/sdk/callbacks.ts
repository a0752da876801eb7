import { errorType } from "../runtime/error-type.ts";
import { warnOnce } from "../runtime/self-log.ts";
import { callbackFailed } from "../metrics/callback-errors.ts";
import { guard } from "./guest.ts";
import { saneObservation } from "./shield.ts";

/** Milliseconds a collection waits for a callback: half of Prometheus's scrape timeout. */
export const MAX_WAIT_MS = 5_000;

/** Maximum number of observations of a callback that are kept for the next collection. */
const MAX_KEPT = 10_000;

type Observation = readonly unknown[];

interface Result {
  observe(...observation: Observation): void;
}

type Callback = (result: Result) => unknown;

/**
 * Registration of an observable callback of the application. A collection waits for it once, and for a bounded time: a
 * run that does not settle is not awaited again, and no other run starts beside it. The observations of a late run
 * appear in the next collection.
 */
export class ObservedCallback {
  readonly #callback: Callback;
  readonly #name: string;
  readonly #wait: number;
  /** The run in progress. */
  #run: Promise<void> | undefined;
  /** True if a collection stopped waiting for that run. */
  #isLate = false;
  /** Observations of the last run, if it was late. */
  #kept: readonly Observation[] | undefined;

  /** @param name the name for log messages */
  constructor(callback: Callback, name: string, wait: number = MAX_WAIT_MS) {
    this.#callback = callback;
    this.#name = name;
    this.#wait = wait;
  }

  /** Runs the callback. Never rejects. */
  async ask(result: Result): Promise<void> {
    const kept = this.#kept;
    for (const observation of kept ?? []) result.observe(...observation);
    this.#run ??= this.#begin(result);
    if (kept !== undefined || this.#isLate || (await settles(this.#run, this.#wait))) return;
    this.#isLate = true;
    this.#report("timeout", `has not settled within ${this.#wait} ms; what it observes is shown once it has`);
  }

  async #begin(result: Result): Promise<void> {
    const observed: Observation[] = [];
    const start = performance.now();
    const observe = (...given: Observation): void =>
      guard.attempt(() => {
        const observation = saneObservation(given);
        if (observation === undefined) return;
        if (observed.length < MAX_KEPT) observed.push(observation);
        result.observe(...observation);
      });
    let hasFailed = false;
    try {
      const callback = this.#callback;
      await callback({ observe });
    } catch (error) {
      hasFailed = true;
      const type = errorType(error);
      this.#report(type, `failed with ${type}; what it observes is missing`);
    }
    const isSlow = this.#isLate || performance.now() - start > this.#wait;
    this.#kept = isSlow && !hasFailed ? observed : undefined;
    this.#isLate = false;
    this.#run = undefined;
  }

  #report(failure: string, message: string): void {
    callbackFailed(failure);
    warnOnce(`metrics: the application's callback of ${this.#name} ${message}`);
  }
}

/** Internal part of the OpenTelemetry SDK: the registrations of each meter. */
interface RegisteredCallback {
  callback: Callback;
  readonly instrument?: Instrument;
  readonly instruments?: ReadonlySet<Instrument>;
}
interface Instrument {
  readonly _descriptor: { readonly name: unknown };
}
interface Registry {
  readonly _callbacks: RegisteredCallback[];
  readonly _batchCallbacks: RegisteredCallback[];
  _findCallback(callback: Callback, instrument: Instrument): number;
  _findBatchCallback(callback: Callback, instruments: ReadonlySet<Instrument>): number;
  observe(...collection: unknown[]): Promise<unknown>;
}
interface SharedState {
  getMeterSharedState(...scope: unknown[]): { readonly observableRegistry: Registry };
}

/** Limits the time that collections wait for the observable callbacks of all meters of a provider. */
export function boundCallbacks(provider: object, wait: number): void {
  const { _sharedState: state } = provider as { readonly _sharedState?: SharedState };
  if (state === undefined || bound.has(state)) return;
  bound.add(state);
  const { getMeterSharedState } = state;
  state.getMeterSharedState = (...scope) => {
    const meter = getMeterSharedState.apply(state, scope);
    boundIn(meter.observableRegistry, Math.min(wait, MAX_WAIT_MS));
    return meter;
  };
}

const bound = new WeakSet<object>();

/** Callbacks registered by the application, by the wrapper that is called instead. */
const originals = new WeakMap<Callback, Callback>();

const isOf = ({ callback }: RegisteredCallback, original: Callback): boolean =>
  (originals.get(callback) ?? callback) === original;

/** Replaces the callbacks in a registry when they are first run; the application can still remove its own. */
function boundIn(registry: Registry, wait: number): void {
  if (bound.has(registry)) return;
  bound.add(registry);
  registry._findCallback = (callback, instrument) =>
    registry._callbacks.findIndex((each) => isOf(each, callback) && each.instrument === instrument);
  registry._findBatchCallback = (callback, instruments) =>
    registry._batchCallbacks.findIndex((each) => isOf(each, callback) && areSame(instruments, each.instruments!));
  const { observe } = registry;
  registry.observe = (...collection) => {
    for (const each of [...registry._callbacks, ...registry._batchCallbacks])
      if (!originals.has(each.callback)) replace(each, wait);
    return observe.apply(registry, collection);
  };
}

const areSame = <T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean =>
  a.size === b.size && [...a].every((each) => b.has(each));

function replace(registered: RegisteredCallback, wait: number): void {
  const instruments = registered.instruments ?? [registered.instrument!];
  const names = Array.from(instruments, ({ _descriptor: { name } }) => String(name));
  const observed = new ObservedCallback(registered.callback, shown(names), wait);
  const ask: Callback = (result) => observed.ask(result);
  originals.set(ask, registered.callback);
  registered.callback = ask;
}

/** Maximum number of characters of instrument names in a log line. */
const MAX_SHOWN = 100;

const shown = (names: readonly string[]): string => JSON.stringify(names.join(", ").slice(0, MAX_SHOWN));

/**
 * Waits for a run, up to a timeout in milliseconds.
 * @returns true if the run has settled
 */
async function settles(run: Promise<void>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false as const).unref();
  });
  try {
    return await Promise.race([run.then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
  }
}
