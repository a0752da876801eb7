export type AnyFunction = (this: never, ...args: never[]) => unknown;

/** Original methods by wrapper, independent of the prototype: two copies of a package can share one. */
const originals = new WeakMap<AnyFunction, AnyFunction>();

/** Returns the original of a method, for internal calls. */
export function unobserved<F extends AnyFunction>(method: F): F {
  return (originals.get(method) ?? method) as F;
}

/** Replaces a method of an object by the wrapper that `make` returns, once; name, length and flags are preserved. */
export function wrapMethod(target: object, name: PropertyKey, make: (original: AnyFunction) => AnyFunction): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, name);
  const original: unknown = descriptor?.value;
  if (descriptor === undefined || typeof original !== "function")
    throw new TypeError(`there is no method ${String(name)} to observe`);
  if (originals.has(original as AnyFunction)) return;
  Object.defineProperty(target, name, { ...descriptor, value: wrapperOf(original as AnyFunction, make) });
}

/**
 * Returns what makes the wrapper of a method, for a method that many objects have their own of.
 * @param observe wraps the method of an object
 */
export const wrapperBy =
  (name: string, observe: (target: object) => void): ((original: AnyFunction) => AnyFunction) =>
  (original) => {
    const target = { [name]: original };
    observe(target);
    return target[name]!;
  };

/** Puts the original of a method back, unless what is there now is no wrapper of ours. */
export function unwrapMethod(target: object, name: PropertyKey): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, name);
  const original = originals.get(descriptor?.value as AnyFunction);
  if (original !== undefined) Object.defineProperty(target, name, { ...descriptor, value: original });
}

/** Returns the wrapper of a method that `make` returns, with the name, length and properties of the original. */
export function wrapperOf(original: AnyFunction, make: (original: AnyFunction) => AnyFunction): AnyFunction {
  const wrapper = make(original);
  for (const property of Reflect.ownKeys(original)) {
    // That of a constructor can differ from the wrapper's, which is not writable everywhere.
    if (property === "prototype") continue;
    Object.defineProperty(wrapper, property, Object.getOwnPropertyDescriptor(original, property)!);
  }
  originals.set(wrapper, original);
  return wrapper;
}
