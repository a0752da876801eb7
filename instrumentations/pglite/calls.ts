import type { Probe } from "../../src/instrument/probe.ts";
import type { AnyFunction } from "../../src/instrument/wrap.ts";
import { now } from "../../src/runtime/clock.ts";
import { databaseOf, knownDatabase, type PgliteDatabase } from "./database.ts";
import type { Pglite } from "./engine.ts";
import { outcomeOf } from "./results.ts";
import { Run } from "./run.ts";

type Code = () => unknown;

/** Patches the methods that run code while nothing else uses the connection. */
export function patchCalls(prototype: object, probe: Probe): void {
  patchWaits(prototype, probe);
  patchRuns(prototype, probe);
  probe.wrap(Object.getPrototypeOf(prototype) as object, "runExclusive", (original) => {
    return function observed(this: Pglite, ...args: unknown[]): unknown {
      const database = knownDatabase(this);
      if (database === undefined) return Reflect.apply(original, this, args);
      database.isLending = true;
      try {
        return Reflect.apply(original, this, args) as unknown;
      } finally {
        database.isLending = false;
      }
    } as AnyFunction;
  });
}

/** Observes the wait of `query`, `exec`, `describeQuery` and `transaction` for the connection. */
function patchWaits(prototype: object, probe: Probe): void {
  const { guard } = probe;
  probe.wrap(prototype, "_runExclusiveTransaction", (original) => {
    return function observed(this: Pglite, ...args: unknown[]): unknown {
      const [code] = args;
      const database = guard.enabled && typeof code === "function" ? guard.attempt(() => databaseOf(this)) : undefined;
      if (database?.isStarted !== true) return Reflect.apply(original, this, args);
      const called = now();
      return Reflect.apply(original, this, [
        () => {
          guard.attempt(() => database.statements.waited(Number(now() - called)));
          // The first statement is run by this very call.
          database.called = called;
          try {
            return (code as Code)();
          } finally {
            database.called = undefined;
          }
        },
      ]);
    } as AnyFunction;
  });
}

/** Observes the run of each text. */
function patchRuns(prototype: object, probe: Probe): void {
  const { guard } = probe;
  probe.wrap(prototype, "_runExclusiveQuery", (original) => {
    return function observed(this: Pglite, ...args: unknown[]): unknown {
      const run = guard.enabled ? guard.attempt(() => beginning(this, args[0])) : undefined;
      if (run === undefined) return Reflect.apply(original, this, args);
      const database = databaseOf(this);
      const code = args[0] as Code;
      return Reflect.apply(original, this, [() => running({ self: this, database, run, probe }, code)]);
    } as AnyFunction;
  });
}

/** Returns the run of a call; undefined if the application sends messages of its own in it, or if the package starts. */
function beginning(self: Pglite, code: unknown): Run | undefined {
  if (typeof code !== "function") return undefined;
  const database = databaseOf(self);
  return database.isLending || !database.isStarted ? undefined : new Run(database.called);
}

interface Running {
  readonly self: Pglite;
  readonly database: PgliteDatabase;
  readonly run: Run;
  readonly probe: Probe;
}

/** Runs a call, now that it has the connection. */
function running({ self, database, run, probe }: Running, code: Code): unknown {
  const { statements } = database;
  probe.attempt(() => statements.begin(run, self.mod));
  database.running = run;
  return probe.settle(code, {
    succeeded(result) {
      database.running = undefined;
      statements.ended(run, { module: self.mod, outcome: (kind) => outcomeOf(result, kind) });
    },
    failed(error) {
      database.running = undefined;
      statements.ended(run, { module: self.mod, error });
    },
  });
}
