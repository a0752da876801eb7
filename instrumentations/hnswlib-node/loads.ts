import type { BruteforceSearch, HierarchicalNSW } from "hnswlib-node";

export type Index = HierarchicalNSW | BruteforceSearch;

type Method = (this: Index, ...args: unknown[]) => unknown;

/**
 * Indexes that can be asked for their size. A load frees what the index had: one with a promise does so in another
 * thread, and one that fails leaves a pointer to it. Asking the index then would read memory that is not its own.
 */
export class Loads {
  /** Number of loads that have not succeeded, by index. */
  readonly #unfinished = new WeakMap<Index, number>();

  isSafe(index: Index): boolean {
    return !this.#unfinished.has(index);
  }

  /** Notes each load by a method before it begins, also while nothing is observed. */
  watch(prototype: object, name: string): void {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name)!;
    const original = descriptor.value as Method;
    const begun = (index: Index): void => void this.#unfinished.set(index, (this.#unfinished.get(index) ?? 0) + 1);
    const value: Method = function watched(...args) {
      begun(this);
      return Reflect.apply(original, this, args);
    };
    for (const key of ["name", "length"]) Object.defineProperty(value, key, { value: original[key as "name"] });
    Object.defineProperty(prototype, name, { ...descriptor, value });
  }

  /** Notes that a load has succeeded. */
  succeeded(index: Index): void {
    const unfinished = (this.#unfinished.get(index) ?? 0) - 1;
    if (unfinished > 0) this.#unfinished.set(index, unfinished);
    else this.#unfinished.delete(index);
  }
}
