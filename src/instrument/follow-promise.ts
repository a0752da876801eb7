import { Guard } from "../runtime/guard.ts";
import { hideFramesOfRejection } from "../runtime/own-frames.ts";

const guard = new Guard("promises");

/** Recorder of the end of a run whose result is a promise. Neither method throws. */
export interface Settling {
  readonly succeeded: (value: unknown) => void;
  readonly failed: (error: unknown) => void;
}

/** Derived promises by the engine's own: an engine that returns one promise twice still does. */
const derived = new WeakMap<Promise<unknown>, Promise<unknown>>();

/**
 * Follows a promise to its end. The application receives a promise derived from the engine's: listening to the engine's
 * own would count as handling its rejection, and suppress `unhandledRejection`. A promise of a class of its own can
 * begin its work when it is listened to, and have methods of its own: it is returned itself, and followed from then on.
 */
export function followPromise(promise: Promise<unknown>, settling: Settling): Promise<unknown> {
  if (!isPlain(promise)) return listenedTo(promise, settling);
  const { succeeded, failed } = settling;
  const known = derived.get(promise);
  const next = promise.then(
    (value) => {
      succeeded(value);
      return value;
    },
    (error: unknown) => {
      failed(error);
      guard.attempt(() => hideFramesOfRejection(error));
      throw error;
    },
  );
  if (known === undefined) {
    for (const name of Object.getOwnPropertyNames(promise))
      Reflect.defineProperty(next, name, Object.getOwnPropertyDescriptor(promise, name)!);
    derived.set(promise, next);
    return next;
  }
  // The application handles the first one.
  next.catch(() => {});
  return known;
}

/** Tells whether a promise behaves as the language's own do. */
const isPlain = (promise: Promise<unknown>): boolean =>
  Object.getPrototypeOf(promise) === Promise.prototype &&
  !Object.hasOwn(promise, "then") &&
  !Object.hasOwn(promise, "constructor");

type Listener = (settled: unknown) => unknown;

/** Follows a promise once it is listened to; `await`, `catch` and `finally` call its `then` as well. */
function listenedTo(promise: Promise<unknown>, { succeeded, failed }: Settling): Promise<unknown> {
  if (!Object.isExtensible(promise)) return promise;
  const original: unknown = promise.then;
  if (typeof original !== "function") return promise;
  const value = function then(this: unknown, onValue?: unknown, onError?: unknown, ...more: unknown[]): unknown {
    const listeners = [listening(succeeded, onValue), listening(failed, onError)];
    return Reflect.apply(original, this, [...listeners, ...more]);
  };
  // oxlint-disable-next-line unicorn/no-thenable -- it has one, which this one calls
  Reflect.defineProperty(promise, "then", { value, configurable: true, writable: true });
  return promise;
}

/** Returns a listener that records the end before the application's is called; a listener that is not a function is returned as it is. */
function listening(record: (settled: unknown) => void, listener: unknown): unknown {
  if (typeof listener !== "function") return listener;
  return (settled: unknown) => {
    record(settled);
    return (listener as Listener)(settled);
  };
}
