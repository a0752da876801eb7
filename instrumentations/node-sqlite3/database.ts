import type { Probe } from "../../src/instrument/probe.ts";
import type { AnyFunction } from "../../src/instrument/wrap.ts";
import { activeContext } from "../../src/context/active.ts";
import { removeOwnFrames } from "../../src/runtime/own-frames.ts";
import { isCallback, observedCallback, type ObservedCallback } from "./callbacks.ts";
import { closed, connectionOf } from "./connections.ts";
import { Run } from "./run.ts";
import type { Db } from "./types.ts";

/** Returns what a call records when it calls back; undefined if it is not observed. */
type Begin<This> = (self: This, args: readonly unknown[]) => Pick<ObservedCallback, "called"> | undefined;

/**
 * Observes a method whose callback, which the application may leave out, has a place among its arguments.
 * @param at index of the callback, which can depend on the number of the arguments
 */
// oxlint-disable-next-line max-params
export function observeCallback<This>(
  probe: Probe,
  target: object,
  name: string,
  at: (args: readonly unknown[]) => number,
  begin: Begin<This>,
): void {
  const { guard } = probe;
  const changed = (self: This, args: readonly unknown[]): unknown[] | undefined => {
    const place = at(args);
    const callback = args[place];
    // The engine refuses it.
    if (callback !== undefined && !isCallback(callback)) return undefined;
    const begun = begin(self, args);
    if (begun === undefined) return undefined;
    const given = observedCallback(guard, { callback, context: activeContext(), ...begun });
    return [
      ...args.slice(0, place),
      ...Array<undefined>(Math.max(0, place - args.length)),
      given,
      ...args.slice(place + 1),
    ];
  };
  probe.wrap(target, name, (original) => {
    return function observed(this: This, ...args: unknown[]): unknown {
      const ours = guard.enabled ? guard.attempt(() => changed(this, args)) : undefined;
      try {
        return Reflect.apply(original, this, ours ?? args) as unknown;
      } catch (error) {
        guard.attempt(() => removeOwnFrames(error, observed));
        throw error;
      }
    } as AnyFunction;
  });
}

/** Patches the methods of a database that prepare no statement. */
export function patchDatabase(prototype: Db, probe: Probe): void {
  observeCallback(
    probe,
    prototype,
    "exec",
    () => 1,
    (db: Db, [sql]) => {
      if (typeof sql !== "string") return undefined;
      const run = new Run(() => connectionOf(db)?.script(sql));
      return { called: (_, error) => run.ended({ error }) };
    },
  );
  observeCallback(
    probe,
    prototype,
    "close",
    () => 0,
    (db: Db) => ({
      called(_, error) {
        if (error === null || error === undefined) closed(db);
      },
    }),
  );
}
