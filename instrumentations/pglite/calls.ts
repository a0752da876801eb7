import { types } from "node:util";
import type { Probe } from "../../src/instrument/probe.ts";
import type { AnyFunction } from "../../src/instrument/wrap.ts";
import type { Guard } from "../../src/runtime/guard.ts";
import { now } from "../../src/runtime/clock.ts";
import { hideOwnFrames } from "../../src/runtime/own-frames.ts";
import { databaseOf, knownDatabase, type PgliteDatabase } from "./database.ts";
import type { Pglite } from "./engine.ts";
import { outcomeOf } from "./results.ts";
import { Run } from "./run.ts";

type Code = () => Promise<unknown>;

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

/** Returns the database of a call that is observed: not by which the package starts, nor one that does not run code. */
function observedDatabase(self: Pglite, code: unknown, guard: Guard): PgliteDatabase | undefined {
  if (!guard.enabled || typeof code !== "function") return undefined;
  try {
    const database = databaseOf(self);
    return database.isStarted && !database.isLending ? database : undefined;
  } catch (error) {
    guard.failed(error);
    return undefined;
  }
}

/** Observes the wait of `query`, `exec`, `describeQuery` and `transaction` for the connection. */
function patchWaits(prototype: object, { guard, wrap }: Probe): void {
  wrap(prototype, "_runExclusiveTransaction", (original) => {
    return function observed(this: Pglite, code: Code): unknown {
      const database = observedDatabase(this, code, guard);
      if (database === undefined) return Reflect.apply(original, this, arguments as never);
      const called = now();
      return original.call(
        this as never,
        (() => {
          // The first statement is run by this very call.
          database.called = called;
          try {
            database.statements.waited(Number(now() - called));
          } catch (error) {
            guard.failed(error);
          }
          try {
            return code();
          } finally {
            database.called = undefined;
          }
        }) as never,
      );
    } as AnyFunction;
  });
}

/** Observes the run of each text. */
function patchRuns(prototype: object, { guard, wrap }: Probe): void {
  wrap(prototype, "_runExclusiveQuery", (original) => {
    return function observed(this: Pglite, code: Code): unknown {
      const running = runningOf(this, code, guard);
      if (running === undefined) return Reflect.apply(original, this, arguments as never);
      return original.call(this as never, (() => running.run(code)) as never);
    } as AnyFunction;
  });
}

function runningOf(self: Pglite, code: unknown, guard: Guard): Running | undefined {
  const database = observedDatabase(self, code, guard);
  try {
    return database && new Running(self, database, guard);
  } catch (error) {
    guard.failed(error);
    return undefined;
  }
}

/** Call of the package, from when it asks for the connection. */
class Running {
  readonly #self: Pglite;
  readonly #database: PgliteDatabase;
  readonly #guard: Guard;
  readonly #run: Run;

  constructor(self: Pglite, database: PgliteDatabase, guard: Guard) {
    this.#self = self;
    this.#database = database;
    this.#guard = guard;
    this.#run = new Run(database.called);
  }

  /** Runs it, now that it has the connection. */
  run(code: Code): unknown {
    this.#run.begin(this.#database.database);
    this.#database.running = this.#run;
    const promise = code();
    if (!types.isPromise(promise)) return promise;
    return promise.then(
      (result) => {
        this.#ended(result, undefined);
        return result;
      },
      (error: unknown) => {
        this.#ended(undefined, error ?? NO_ERROR);
        this.#guard.attempt(() => hideOwnFrames(error));
        throw error;
      },
    );
  }

  #ended(result: unknown, error: unknown): void {
    this.#database.running = undefined;
    try {
      this.#database.statements.ended(this.#run, { module: this.#self.mod, result, error, read: outcomeOf });
    } catch (failure) {
      this.#guard.failed(failure);
    }
  }
}

/** Stands for an error that is undefined. */
const NO_ERROR = "";
