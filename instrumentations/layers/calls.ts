import { types } from "node:util";
import { followPromise } from "../../src/instrument/follow-promise.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import type { AnyFunction } from "../../src/instrument/wrap.ts";
import { removeOwnFrames } from "../../src/runtime/own-frames.ts";

/** Call that has begun, and is recorded at its end. */
export interface Call {
  /** @param isBlocking false if it returned a promise, whose end this is */
  succeeded(result: unknown, isBlocking: boolean): void;
  failed(error: unknown, isBlocking: boolean): void;
}

/** Returns what is to be recorded of a call, before it is made; undefined if nothing is. */
export type Begin<Self> = (self: Self, args: readonly unknown[]) => Call | undefined;

/** Calls of the application of the objects of one package, without those which the package makes itself inside of them. */
export class Calls {
  readonly #probe: Probe;
  readonly #subjectOf: (self: unknown, args: readonly unknown[]) => unknown;
  /** Object whose call runs now. */
  #running: unknown;

  /** @param subjectOf returns the object a call is of; by default, that whose method is called */
  constructor(probe: Probe, subjectOf: (self: unknown, args: readonly unknown[]) => unknown = (self) => self) {
    this.#probe = probe;
    this.#subjectOf = subjectOf;
  }

  /** Observes a method, which returns a promise or not. */
  observe<Self>(target: object, name: string, begin: Begin<Self>): void {
    const { guard } = this.#probe;
    const begun = (self: unknown, args: readonly unknown[]): Begun | undefined =>
      guard.enabled ? guard.attempt(() => this.#begin(self as Self, args, begin)) : undefined;
    const run = (wrapper: Function, code: () => unknown, call: Begun): unknown => this.#run(wrapper, code, call);
    this.#probe.wrap(target, name, (original) => {
      return function observed(this: unknown, ...args: unknown[]): unknown {
        const call = begun(this, args);
        const code = (): unknown => Reflect.apply(original, this as never, args as never[]) as unknown;
        return call === undefined ? code() : run(observed, code, call);
      } as AnyFunction;
    });
  }

  #begin<Self>(self: Self, args: readonly unknown[], begin: Begin<Self>): Begun | undefined {
    const subject = this.#subjectOf(self, args);
    if (subject === this.#running) return undefined;
    const call = begin(self, args);
    return call && { subject, call };
  }

  #run(wrapper: Function, code: () => unknown, { subject, call }: Begun): unknown {
    const { guard } = this.#probe;
    const outer = this.#running;
    this.#running = subject;
    let result;
    try {
      result = code();
    } catch (error) {
      guard.attempt(() => call.failed(error, true));
      guard.attempt(() => removeOwnFrames(error, wrapper));
      throw error;
    } finally {
      this.#running = outer;
    }
    if (!types.isPromise(result)) {
      guard.attempt(() => call.succeeded(result, true));
      return result;
    }
    return followPromise(result, {
      succeeded: (value) => guard.attempt(() => call.succeeded(value, false)),
      failed: (error) => guard.attempt(() => call.failed(error, false)),
    });
  }
}

interface Begun {
  readonly subject: unknown;
  readonly call: Call;
}
