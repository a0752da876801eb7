import { Guard } from "../runtime/guard.ts";
import { removeOwnFrames } from "../runtime/own-frames.ts";

const guard = new Guard("stacks");

/** Calls a method from its wrapper. The stack of an error that it throws does not show the wrapper. */
// oxlint-disable-next-line max-params -- those of `Reflect.apply`, and the wrapper
export function callOriginal(original: Function, self: unknown, args: ArrayLike<unknown>, wrapper: Function): unknown {
  try {
    return Reflect.apply(original, self, args) as unknown;
  } catch (error) {
    guard.attempt(() => removeOwnFrames(error, wrapper));
    throw error;
  }
}
