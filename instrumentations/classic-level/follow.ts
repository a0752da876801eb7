import { callOriginal } from "../../src/instrument/call-original.ts";
import type { PendingCall, Probe } from "../../src/instrument/probe.ts";
import { hideFramesOfRejection } from "../../src/runtime/own-frames.ts";
import type { AnyFunction } from "../../src/instrument/wrap.ts";

/**
 * Observes each call of an asynchronous method that only the package itself calls. As `Probe.pending`, but its promise need
 * not be the same one for the same call, nor keep properties, as the package awaits it at once: it takes half of the time.
 */
export function followAwaited<This>(
  probe: Probe,
  target: object,
  name: string,
  begin: (self: This, args: ArrayLike<unknown>) => PendingCall | undefined,
): void {
  const { guard } = probe;
  probe.wrap(target, name, (original) => {
    return function observed(this: This): unknown {
      let call: PendingCall | undefined;
      if (guard.enabled) {
        try {
          call = begin(this, arguments);
        } catch (error) {
          guard.failed(error);
        }
      }
      const promise = callOriginal(original, this, arguments, observed);
      // Another tool may have replaced the method.
      if (call === undefined || !(promise instanceof Promise)) return promise;
      const begun = call;
      return promise.then(
        (value: unknown) => {
          try {
            begun.succeeded(value);
          } catch (error) {
            guard.failed(error);
          }
          return value;
        },
        (error: unknown) => {
          guard.attempt(() => begun.failed(error));
          guard.attempt(() => hideFramesOfRejection(error));
          throw error;
        },
      );
    } as AnyFunction;
  });
}
