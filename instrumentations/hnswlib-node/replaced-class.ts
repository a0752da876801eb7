import { callOriginal } from "../../src/instrument/call-original.ts";
import { wrapperOf, type AnyFunction } from "../../src/instrument/wrap.ts";

/** Class of a native addon, whose methods can neither be written nor configured. */
export type NativeClass = new (...args: never[]) => object;

/** Classes that replaced others. */
const replaced = new WeakSet<object>();

/**
 * Replaces a class in the exports of an addon by one with the same name, length, properties and methods, whose methods
 * `patch` has replaced. Its instances are those of the addon: `instanceof`, `constructor` and classes derived from it
 * are as before. Does nothing if it was replaced before.
 */
export function replaceClass(
  exports: Record<string, NativeClass>,
  name: string,
  patch: (prototype: object) => void,
): void {
  const Original = exports[name]!;
  if (replaced.has(Original)) return;
  const prototype = patchedCopyOf(Original.prototype as object, patch);
  const Replacement = wrapperOf(Original as unknown as AnyFunction, () => constructorOf(Original));
  const { value: _, ...flags } = Object.getOwnPropertyDescriptor(Original, "prototype")!;
  Object.defineProperty(Replacement, "prototype", { value: prototype, ...flags });
  Object.defineProperty(prototype, "constructor", {
    ...Object.getOwnPropertyDescriptor(prototype, "constructor"),
    value: Replacement,
  });
  replaced.add(Replacement);
  Object.defineProperty(exports, name, { ...Object.getOwnPropertyDescriptor(exports, name), value: Replacement });
}

function constructorOf(Original: NativeClass): AnyFunction {
  return function observed(this: unknown, ...args: unknown[]): unknown {
    if (new.target === undefined) return callOriginal(Original, this, args, observed);
    return callOriginal(Reflect.construct, Reflect, [Original, args, new.target], observed);
  } as AnyFunction;
}

/** Copies a prototype with its methods, which have the flags of the originals once they are patched. */
function patchedCopyOf(original: object, patch: (prototype: object) => void): object {
  const copy = Object.create(Object.getPrototypeOf(original) as object | null) as object;
  const keys = Reflect.ownKeys(original);
  for (const key of keys)
    Object.defineProperty(copy, key, { ...Object.getOwnPropertyDescriptor(original, key), configurable: true });
  patch(copy);
  for (const key of keys) {
    const { configurable = false } = Object.getOwnPropertyDescriptor(original, key)!;
    Object.defineProperty(copy, key, { ...Object.getOwnPropertyDescriptor(copy, key), configurable });
  }
  return copy;
}
