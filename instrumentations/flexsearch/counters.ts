import { types } from "node:util";
import { callOriginal } from "../../src/instrument/call-original.ts";
import { followPromise } from "../../src/instrument/follow-promise.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import type { AnyFunction } from "../../src/instrument/wrap.ts";
import { removeOwnFrames } from "../../src/runtime/own-frames.ts";
import type { ObservedIndex } from "../layers/search-index.ts";
import type { Indexes } from "../layers/search-indexes.ts";
import type { Index } from "./types.ts";

/** Results in one field of the documents. */
interface FieldResults {
  readonly result?: unknown;
}

/** Counts the searches and updates of the application, without those that the package makes itself inside of them. */
export class Counters {
  readonly #probe: Probe;
  readonly #indexes: Indexes<Index>;
  /** Index whose call runs now. */
  #running: Index | undefined;
  /** Documents that the call has removed from the index, some of which it may add again. */
  #removed = 0;

  constructor(probe: Probe, indexes: Indexes<Index>) {
    this.#probe = probe;
    this.#indexes = indexes;
  }

  patch(prototype: Index): void {
    this.#patchSearch(prototype);
    for (const name of ["add", "append", "update", "remove", "clear"]) this.#patchUpdate(prototype, name);
  }

  #patchSearch(prototype: Index): void {
    const { guard } = this.#probe;
    const isInside = (): boolean => this.#running !== undefined;
    const enter = (index: Index | undefined): void => void (this.#running = index);
    const counted = (index: Index, result: unknown): unknown => this.#counted(index, result);
    this.#probe.wrap(prototype, "search", (original) => {
      return function observed(this: Index): unknown {
        const isOutermost = guard.enabled && !isInside();
        if (isOutermost) enter(this);
        let result: unknown;
        try {
          result = Reflect.apply(original, this as never, arguments);
        } catch (error) {
          guard.attempt(() => removeOwnFrames(error, observed));
          throw error;
        } finally {
          if (isOutermost) enter(undefined);
        }
        if (!isOutermost) return result;
        try {
          return counted(this, result);
        } catch (error) {
          guard.failed(error);
          return result;
        }
      } as AnyFunction;
    });
  }

  /**
   * Counts the results of a search.
   * @returns what the application gets
   */
  #counted(index: Index, result: unknown): unknown {
    const observed = this.#indexes.of(index);
    if (Array.isArray(result)) count(observed, result);
    else if (types.isPromise(result))
      return followPromise(result, {
        succeeded: (value) =>
          this.#probe.attempt(() => {
            if (Array.isArray(value)) count(observed, value);
          }),
        failed() {},
      });
    // What is to be combined with other searches has no results yet.
    return result;
  }

  #patchUpdate(prototype: Index, name: string): void {
    const { guard } = this.#probe;
    const run = (index: Index, code: () => unknown): unknown => this.#run(index, name, code);
    this.#probe.wrap(prototype, name, (original) => {
      return function observed(this: Index): unknown {
        const code = (): unknown => callOriginal(original, this, arguments, observed);
        return guard.enabled ? run(this, code) : code();
      } as AnyFunction;
    });
  }

  #run(index: Index, name: string, code: () => unknown): unknown {
    const { guard } = this.#probe;
    const outer = this.#running;
    // That of a field of a document, or one that was called by the application's own encoder.
    if (outer !== undefined && outer !== index) return code();
    // One in a database has a register of what is not written yet.
    const before = index.db === undefined ? guard.attempt(() => index.reg.size) : undefined;
    if (before === undefined) return code();
    if (outer === undefined) this.#removed = 0;
    this.#running = index;
    try {
      return code();
    } finally {
      this.#running = outer;
      guard.attempt(() => {
        if (outer === undefined) this.#changed(index, index.reg.size - before);
        else if (name === "remove") this.#removed += before - index.reg.size;
      });
    }
  }

  /** Counts the documents of a call, by the change of their number. */
  #changed(index: Index, change: number): void {
    const removed = Math.max(this.#removed, -change);
    const added = change + removed;
    const replaced = Math.min(added, removed);
    const observed = this.#indexes.of(index);
    if (replaced > 0) observed.changed("replace", replaced);
    if (added > replaced) observed.changed("add", added - replaced);
    if (removed > replaced) observed.changed("remove", removed - replaced);
  }
}

/** Counts the results of a search, in all fields. */
function count(index: ObservedIndex, found: readonly unknown[]): void {
  const [first] = found as (FieldResults | undefined)[];
  if (!Array.isArray(first?.result)) return index.searched(found.length);
  let results = 0;
  for (const { result } of found as FieldResults[]) results += (result as unknown[]).length;
  index.searched(results);
}
