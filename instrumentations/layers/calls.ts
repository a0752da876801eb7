import { AsyncLocalStorage } from "node:async_hooks";
import { types } from "node:util";
import { callOriginal } from "../../src/instrument/call-original.ts";
import { followPromise } from "../../src/instrument/follow-promise.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import type { AnyFunction } from "../../src/instrument/wrap.ts";

/** Call that has begun, and is recorded at its end. */
export interface Call {
  /** @param isBlocking false if it returned a promise, whose end this is */
  succeeded(result: unknown, isBlocking: boolean): void;
  failed(error: unknown, isBlocking: boolean): void;
}

/** Returns what is to be recorded of a call, before it is made; undefined if nothing is. */
export type Begin<Self> = (self: Self, args: readonly unknown[]) => Call | undefined;

/** Object whose call runs now. */
interface Running {
  subject(): unknown;
  run(subject: unknown, code: () => unknown): unknown;
}

/** What runs until the call returns. */
function synchronous(): Running {
  let running: unknown;
  return {
    subject: () => running,
    run(subject, code) {
      const outer = running;
      running = subject;
      try {
        return code();
      } finally {
        running = outer;
      }
    },
  };
}

/** What runs until the promise that the call returns is settled. */
function asynchronous(): Running {
  const storage = new AsyncLocalStorage<unknown>();
  return { subject: () => storage.getStore(), run: (subject, code) => storage.run(subject, code) };
}

/** Options of the calls of a package. */
interface CallOptions {
  /** Returns the object a call is of; by default, that whose method is called. */
  readonly subjectOf?: (self: unknown, args: readonly unknown[]) => unknown;
  /** True if calls that return a promise make further ones meanwhile. */
  readonly isAsynchronous?: boolean;
}

/** Calls of the application of the objects of one package, without those which the package makes itself inside of them. */
export class Calls {
  readonly #probe: Probe;
  readonly #subjectOf: NonNullable<CallOptions["subjectOf"]>;
  readonly #running: Running;

  constructor(probe: Probe, { subjectOf = (self) => self, isAsynchronous = false }: CallOptions = {}) {
    this.#probe = probe;
    this.#subjectOf = subjectOf;
    this.#running = isAsynchronous ? asynchronous() : synchronous();
  }

  /** Observes a method, which returns a promise or not. */
  observe<Self>(target: object, name: string, begin: Begin<Self>): void {
    const { guard } = this.#probe;
    const begun = (self: unknown, args: readonly unknown[]): Begun | undefined =>
      guard.enabled ? guard.attempt(() => this.#begin(self as Self, args, begin)) : undefined;
    const run = (code: () => unknown, call: Begun): unknown => this.#run(code, call);
    this.#probe.wrap(target, name, (original) => {
      return function observed(this: unknown, ...args: unknown[]): unknown {
        const call = begun(this, args);
        const code = (): unknown => callOriginal(original, this, args, observed);
        return call === undefined ? code() : run(code, call);
      } as AnyFunction;
    });
  }

  #begin<Self>(self: Self, args: readonly unknown[], begin: Begin<Self>): Begun | undefined {
    const subject = this.#subjectOf(self, args);
    if (subject === this.#running.subject()) return undefined;
    const call = begin(self, args);
    return call && { subject, call };
  }

  #run(code: () => unknown, { subject, call }: Begun): unknown {
    const { guard } = this.#probe;
    let result;
    try {
      result = this.#running.run(subject, code);
    } catch (error) {
      guard.attempt(() => call.failed(error, true));
      throw error;
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
