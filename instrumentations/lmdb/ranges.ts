import { callOriginal } from "../../src/instrument/call-original.ts";
import { Iteration } from "../../src/instrument/iteration.ts";
import type { Operation } from "../../src/instrument/operation.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import { wrapperOf, type AnyFunction } from "../../src/instrument/wrap.ts";
import { OperationKind } from "../../src/recording/operation-kind.ts";
import { now } from "../../src/runtime/clock.ts";
import type { Guard } from "../../src/runtime/guard.ts";
import { Method } from "./environment.ts";
import { insideEngine, isInsideEngine, threw } from "./inside.ts";
import type { Methods, Store } from "./store.ts";

const RANGES = ["getRange", "getKeys", "getValues"];

/**
 * Returns what observes the methods that return something to iterate over, any number of times. Each iteration is one
 * operation, from the call that begins it to its end.
 */
export const rangeMethods = (probe: Probe): Methods =>
  Object.fromEntries(RANGES.map((name) => [name, observeRange(name, probe)]));

/** What a method returns: its iterators are made by a method of its own. */
interface Range {
  iterate: (options?: unknown) => EngineIterator;
}

/** Iterator of the engine. Its methods are its own, and ignore their arguments and what they are called on. */
interface EngineIterator {
  next(): IteratorResult<unknown>;
  return(): IteratorResult<unknown>;
  throw(): IteratorResult<unknown>;
}

function observeRange(name: string, { guard }: Probe): Methods[string] {
  const method = new Method(OperationKind.READ, name);
  const observeIterations = (range: Range, store: Store): void => {
    const { iterate } = range;
    const make = (original: AnyFunction): AnyFunction =>
      function observed(this: unknown, ...options: unknown[]): EngineIterator {
        const call = (): EngineIterator => callOriginal(original, this, options, observed) as EngineIterator;
        const operation = guard.enabled ? guard.attempt(() => method.of(store)) : undefined;
        return operation === undefined ? call() : iterating(guard, operation, call);
      } as AnyFunction;
    range.iterate = wrapperOf(iterate as AnyFunction, make) as Range["iterate"];
  };
  return (original) =>
    function range(this: Store, ...args: unknown[]): unknown {
      if (isInsideEngine()) return Reflect.apply(original, this as never, args as never);
      const range = insideEngine(() => Reflect.apply(original, this as never, args as never) as Range);
      guard.attempt(() => observeIterations(range, this));
      return range;
    } as AnyFunction;
}

function iterating(guard: Guard, operation: Operation, call: () => EngineIterator): EngineIterator {
  const isTimed = !operation.skipsTiming();
  const start = isTimed ? now() : 0n;
  let iterator;
  try {
    iterator = call();
  } catch (error) {
    guard.attempt(() => operation.failed(isTimed ? Number(now() - start) : undefined, error));
    threw(error);
    throw error;
  }
  const nanoseconds = isTimed ? Number(now() - start) : 0;
  const begin = (): Iteration => new Iteration(guard, operation, { nanoseconds, isTimed });
  const iteration = guard.attempt(begin);
  return iteration === undefined ? iterator : followed(iterator, iteration);
}

/** Returns an iterator like that of the engine: to replace the methods of each one costs more than a short iteration. */
function followed(iterator: EngineIterator, iteration: Iteration): EngineIterator {
  const own: EngineIterator = {
    next() {
      const weight = iteration.weight(iterator);
      const start = weight === 0 ? 0n : now();
      let result;
      try {
        result = iterator.next();
      } catch (error) {
        iteration.fail(error, own.next);
        throw error;
      }
      if (weight !== 0) iteration.spent(Number(now() - start), weight);
      iteration.stepped(result);
      return result;
    },
    return() {
      try {
        return iterator.return();
      } finally {
        iteration.finish();
      }
    },
    throw() {
      try {
        return iterator.throw();
      } finally {
        iteration.finish();
      }
    },
  };
  return own;
}
