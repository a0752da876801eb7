import { context, type Context } from "@opentelemetry/api";
import { Guard } from "../runtime/guard.ts";
import { registered } from "./active.ts";
import { hasThrown } from "./thrown.ts";

/** Function of any signature. */
type Code = (this: never, ...args: never[]) => unknown;

const apply: (code: Code, self: unknown, args: ArrayLike<unknown>) => unknown = Reflect.apply;

const guard = new Guard("callbacks");

/** Calls a function of the application in a context. */
// oxlint-disable-next-line max-params -- those of Reflect.apply
export function callWithin(where: Context, code: Code, self: unknown, args: ArrayLike<unknown>): unknown {
  let hasReturned = false;
  try {
    const manager = registered().context ?? context;
    const result: unknown = manager.with(where, apply, undefined, code, self, args);
    hasReturned = true;
    return result;
  } finally {
    // Not caught: an error that is rethrown is reported at our line instead of the application's.
    if (!hasReturned) guard.attempt(() => hasThrown(where));
  }
}
