import type { Probe } from "../../src/instrument/probe.ts";
import { RangeIteration } from "../lsm/iteration.ts";
import { nameOr, touching } from "./batches.ts";
import type { Databases } from "./databases.ts";
import type { RangeIterator, Session } from "./package.ts";

type Callback = (...results: unknown[]) => void;

/** Observes the iterators: each is an operation from the call to the end of the stream. */
export function observeIterators(prototype: object, probe: Probe, databases: Databases): void {
  const iterations = new WeakMap<RangeIterator, RangeIteration>();
  const observed = new WeakSet();
  probe.wrap(prototype, "iterator", (original) =>
    touching(original, probe, databases, (iterator: RangeIterator, session: Session) => {
      const database = databases.of(session._state);
      if (database === undefined || !probe.guard.enabled) return;
      const own = Object.getPrototypeOf(iterator) as object;
      if (!observed.has(own)) observeClass(own, probe, iterations);
      observed.add(own);
      const name = nameOr(iterator._values ? "iterator" : "keys");
      iterations.set(iterator, new RangeIteration(database.operation(name, session._columnFamily)));
    }),
  );
}

function observeClass(prototype: object, probe: Probe, iterations: WeakMap<RangeIterator, RangeIteration>): void {
  /** Records of the step in progress, by iterator. */
  const steps = new WeakMap<RangeIterator, number>();
  for (const name of ["_open", "_read"])
    probe.handler(prototype, name, (iterator: RangeIterator, [callback, ...more]) => {
      const step = iterations.get(iterator)?.reads(() => steps.get(iterator) ?? 0);
      if (step === undefined || typeof callback !== "function") return [callback, ...more];
      steps.set(iterator, 0);
      const ended: Callback = (...results) => {
        const [error] = results;
        probe.attempt(() => (error ? step.failed(error) : step.succeeded(undefined)));
        (callback as Callback)(...results);
      };
      return [ended, ...more];
    });
  probe.handler(prototype, "_onread", (iterator: RangeIterator, args) => {
    if (Array.isArray(args[1])) steps.set(iterator, args[1].length);
    return args;
  });
  probe.before(prototype, "_destroy", (iterator: RangeIterator) => iterations.get(iterator)?.finish());
}
