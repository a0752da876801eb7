import { followPromise } from "../../src/instrument/follow-promise.ts";
import { isOwn } from "../../src/instrument/own-databases.ts";
import { PendingOperation } from "../../src/instrument/pending-operation.ts";
import type { PendingCall, Probe } from "../../src/instrument/probe.ts";
import { unobserved, type AnyFunction } from "../../src/instrument/wrap.ts";
import { RocksDatabase, type OperationName } from "./database.ts";
import type { Session, State } from "./package.ts";

/** The databases of a copy of the package, and the class of what their sessions share, which only these reveal. */
export class Databases {
  readonly #probe: Probe;
  readonly #all = new WeakMap<State, RocksDatabase>();
  readonly #classes = new WeakSet();

  constructor(probe: Probe) {
    this.#probe = probe;
  }

  /** Observes the class of the state of a session, before the first use that can open the database. */
  touch(session: Session): void {
    const prototype = Object.getPrototypeOf(session._state) as object;
    if (this.#classes.has(prototype)) return;
    this.#classes.add(prototype);
    this.#observeEnds(prototype);
    for (const name of ["suspend", "resume", "approximateSize"] as const) this.#observe(prototype, name);
    for (const name of ["flush", "compact", "compactRange"] as const) this.#observeRequest(prototype, name);
  }

  /**
   * Returns a database from its first use on: the package opens it with that. Undefined for one that has ended, or that
   * is no database.
   */
  of(state: State | undefined): RocksDatabase | undefined {
    if (state === undefined) return undefined;
    const known = this.#all.get(state);
    if (known !== undefined) return known;
    if (typeof state.path !== "string" || state.closing || state.closed || isOwn(state.db)) return undefined;
    const database = new RocksDatabase(state, unobserved(state.getProperty));
    this.#all.set(state, database);
    // It was opened while nothing was observed.
    if (state.opened) database.opened(false);
    return database;
  }

  #observeEnds(prototype: object): void {
    const probe = this.#probe;
    probe.pending(prototype, "_open", (state: State) => {
      probe.used();
      const database = this.of(state);
      if (database === undefined) return undefined;
      const run = new PendingOperation(database.operation("open"));
      return {
        succeeded() {
          run.succeeded();
          database.opened(true);
        },
        failed: (error) => {
          run.failed(error);
          this.#closed(state);
        },
      };
    });
    // Also while nothing is observed: what was begun has to end.
    probe.wrap(prototype, "_close", (original) => {
      const begin = (state: State): PendingCall => this.#closing(state);
      return function observed(this: State): unknown {
        const call = probe.guard.attempt(() => begin(this));
        const closing = Reflect.apply(original, this, arguments) as Promise<unknown>;
        if (call === undefined) return closing;
        return followPromise(closing, {
          succeeded: (value) => probe.attempt(() => call.succeeded(value)),
          failed: (error) => probe.attempt(() => call.failed(error)),
        });
      } as AnyFunction;
    });
  }

  #observe(prototype: object, name: OperationName): void {
    this.#probe.pending(prototype, name, (state: State) => {
      const database = this.of(state);
      if (database === undefined) return undefined;
      const run = new PendingOperation(database.operation(name));
      return { succeeded: () => run.succeeded(), failed: (error) => run.failed(error) };
    });
  }

  /** Observes a method by which the application has the engine do its background work now. */
  #observeRequest(prototype: object, name: OperationName): void {
    this.#probe.pending(prototype, name, (state: State, [session]): PendingCall | undefined => {
      const database = this.of(state);
      if (database === undefined) return undefined;
      const run = new PendingOperation(database.operation(name, (session as Session)._columnFamily));
      const done = database.requested();
      return {
        succeeded() {
          done();
          run.succeeded();
        },
        failed(error) {
          done();
          run.failed(error);
        },
      };
    });
  }

  #closing(state: State): PendingCall {
    const database = this.#all.get(state);
    const run = database && this.#probe.guard.enabled ? new PendingOperation(database.operation("close")) : undefined;
    return {
      succeeded: () => {
        run?.succeeded();
        this.#closed(state);
      },
      failed: (error) => run?.failed(error),
    };
  }

  #closed(state: State): void {
    this.#all.get(state)?.closed();
    this.#all.delete(state);
  }
}
