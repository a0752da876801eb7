import { setImmediate } from "node:timers";
import { hideFramesOfRejection } from "../../src/runtime/own-frames.ts";
import type { Operation } from "../../src/instrument/operation.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import type { AnyFunction } from "../../src/instrument/wrap.ts";
import { removeOwnFrames } from "../../src/runtime/own-frames.ts";
import { changedRows } from "../sqlite/changes.ts";
import { isCallback, observedCallback } from "./callbacks.ts";
import { connectionOf } from "./connections.ts";
import { Run } from "./run.ts";
import type { Callback, Db, Sqlite3, Statement } from "./types.ts";

/** Method of a database that is running: it prepares a statement, and most of them run it. */
interface Calling {
  readonly db: Db;
  readonly isPreparing: boolean;
}

let calling: Calling | undefined;

/** Statement of a database, as its methods see it. */
class Observed {
  readonly #db: Db;
  readonly #sql: string;
  isCompiling = false;
  /** First run of a statement that is being compiled: if it cannot be, the engine does not call that one back. */
  first: Run | undefined;
  /** Properties that the application has seen in its last callback of `run`. */
  seen: Pick<Statement, "lastID" | "changes"> = {};
  #operation: Operation | undefined;

  constructor(db: Db, sql: string) {
    this.#db = db;
    this.#sql = sql;
  }

  readonly operation = (): Operation | undefined => (this.#operation ??= connectionOf(this.#db)?.statement(this.#sql));
}

const statements = new WeakMap<Statement, Observed>();

/** Returns what is known of a statement; of one that was prepared unobserved, only within a method of its database. */
function known(statement: Statement): Observed | undefined {
  const before = statements.get(statement);
  if (before !== undefined || calling === undefined || typeof statement?.sql !== "string") return before;
  const observed = new Observed(calling.db, statement.sql);
  statements.set(statement, observed);
  return observed;
}

/** Classes of statements whose creation is observed. */
const creations = new WeakSet<object>();

/**
 * Patches the methods of a database that prepare a statement. If its creation is not observed, as the package was loaded
 * before, all of them; otherwise no more than necessary, as `verbose` adds their frames to the stacks of errors.
 */
export function patchPreparing({ Database: { prototype }, Statement }: Sqlite3, probe: Probe): void {
  const names = creations.has(Statement) ? ["prepare"] : ["prepare", "run", "get", "all", "each", "map"];
  for (const name of names) {
    probe.wrap(prototype, name, (original) => {
      return function observed(this: Db): unknown {
        const outer = calling;
        calling = { db: this, isPreparing: name === "prepare" };
        try {
          const result: unknown = Reflect.apply(original, this, arguments);
          if (name === "prepare") probe.attempt(() => void known(result as Statement));
          return result;
        } catch (error) {
          probe.attempt(() => removeOwnFrames(error, observed));
          throw error;
        } finally {
          calling = outer;
        }
      } as AnyFunction;
    });
  }
}

/**
 * Observes each statement that is created, and when it is compiled. The class is replaced by a function, not by a proxy, of
 * which stacks would not show the name.
 */
export function observeCreation(sqlite: Sqlite3, probe: Probe): void {
  const Native = sqlite.Statement;
  const { prototype } = Native;
  const Statement = function (this: unknown, ...args: unknown[]): unknown {
    if (new.target === undefined) return Reflect.apply(Native as unknown as AnyFunction, this, args);
    return create(Native, args, new.target as Function, probe);
  };
  for (const name of Reflect.ownKeys(Native))
    Object.defineProperty(Statement, name, Object.getOwnPropertyDescriptor(Native, name)!);
  creations.add(Statement);
  sqlite.Statement = Statement as unknown as Sqlite3["Statement"];
  const descriptor = Object.getOwnPropertyDescriptor(prototype, "constructor");
  if (descriptor?.writable === true)
    Object.defineProperty(prototype, "constructor", { ...descriptor, value: Statement });
}

// oxlint-disable-next-line max-params -- the class, its arguments and new.target, and the probe
function create(Native: Sqlite3["Statement"], args: unknown[], target: Function, probe: Probe): object {
  const [db, sql, callback] = args as [Db, string, Callback | undefined];
  const isValid = typeof sql === "string" && (callback === undefined || isCallback(callback));
  const observed = probe.guard.enabled && isValid ? new Observed(db, sql) : undefined;
  const given = observed && probe.guard.attempt(() => preparing(observed, { db, sql, callback }, probe));
  const statement = Reflect.construct(Native, given === undefined ? args : [db, sql, given], target) as Statement;
  if (observed !== undefined) statements.set(statement, observed);
  return statement;
}

/** Arguments of the class of statements. */
interface Preparation {
  readonly db: Db;
  readonly sql: string;
  readonly callback: Callback | undefined;
}

/** Returns the callback for the compilation of a statement: an operation, or the first part of the one that runs it. */
function preparing(observed: Observed, { db, sql, callback }: Preparation, probe: Probe): Callback {
  const isPart = calling?.isPreparing !== true;
  observed.isCompiling = true;
  const run = new Run(() => (isPart ? undefined : connectionOf(db)?.preparing));
  return observedCallback(probe.guard, {
    callback,
    context: run.parent,
    called(_, error) {
      run.ended({ error });
      // That of a database that is closed is made before the constructor returns.
      hideFramesOfRejection(error);
      // Of a text that SQLite refuses, only the outline is known to be free of values.
      if (error !== null && error !== undefined && isPart)
        observed.first?.ended({ error, operation: connectionOf(db)?.script(sql) });
      observed.isCompiling = false;
      observed.first = undefined;
    },
  });
}

type RowsOf = (statement: Statement, result: unknown, operation: Operation) => number;

/** Methods that run a statement once, with the number of records of a result. */
const METHODS: Readonly<Record<string, RowsOf>> = {
  run: (statement, _, operation) => changedRows(statement, operation),
  get: (_, row) => (row === undefined ? 0 : 1),
  all: (_, rows) => (rows as readonly unknown[]).length,
};

export function patchStatement(prototype: Statement, probe: Probe): void {
  for (const [name, rowsOf] of Object.entries(METHODS))
    patchMethod(prototype, name, probe, (observed, args, run) => once(observed, args, run, { probe, name, rowsOf }));
  patchMethod(prototype, "each", probe, (_, args, run) => forEach(args, run, probe));
}

type Arguments = (observed: Observed, args: readonly unknown[], run: Run) => unknown[];

// oxlint-disable-next-line max-params
function patchMethod(prototype: Statement, name: string, probe: Probe, argumentsOf: Arguments): void {
  const { guard } = probe;
  const begin = (statement: Statement, args: readonly unknown[]): { run: Run; args: unknown[] } | undefined => {
    const observed = known(statement);
    if (observed === undefined) return undefined;
    const run = new Run(observed.operation);
    if (observed.isCompiling) observed.first ??= run;
    return { run, args: argumentsOf(observed, args, run) };
  };
  probe.wrap(prototype, name, (original) => {
    return function observed(this: Statement, ...args: unknown[]): unknown {
      const begun = guard.enabled ? guard.attempt(() => begin(this, args)) : undefined;
      if (begun === undefined) return Reflect.apply(original, this, args);
      try {
        return Reflect.apply(original, this, begun.args);
      } catch (error) {
        guard.attempt(() => begun.run.ended({ error }));
        guard.attempt(() => removeOwnFrames(error, observed));
        throw error;
      }
    } as AnyFunction;
  });
}

/** Returns the arguments of a call whose callback, the last one, is called once. */
// oxlint-disable-next-line max-params
function once(
  observed: Observed,
  args: readonly unknown[],
  run: Run,
  { probe, name, rowsOf }: { readonly probe: Probe; readonly name: string; readonly rowsOf: RowsOf },
): unknown[] {
  const last = args.at(-1);
  const callback = isCallback(last) ? last : undefined;
  const called = (self: unknown, error: unknown, result: unknown): void => {
    const statement = self as Statement;
    run.ended({ error, result, rows: (operation) => rowsOf(statement, result, operation) });
    if (name !== "run") return;
    // The engine sets them for a callback only.
    if (callback === undefined) restore(statement, observed);
    else observed.seen = { lastID: statement.lastID, changes: statement.changes };
  };
  const rest = callback === undefined ? args : args.slice(0, -1);
  return [...rest, observedCallback(probe.guard, { callback, context: run.parent, called })];
}

function restore(statement: Statement, { seen }: Observed): void {
  for (const name of ["lastID", "changes"] as const) {
    if (seen[name] === undefined) delete statement[name];
    else statement[name] = seen[name];
  }
}

/** Returns the arguments of `each`: a callback for each row, and one for the end, which both may be missing. */
function forEach(args: readonly unknown[], run: Run, probe: Probe): unknown[] {
  const { guard } = probe;
  const callbacks = args.slice(-2).filter(isCallback);
  const isLast = isCallback(args.at(-1));
  const [forRow, atEnd] = isLast ? callbacks : [];
  const rest = args.slice(0, args.length - (isLast ? callbacks.length : 0));
  let rows = 0;
  const context = run.parent;
  const row = observedCallback(guard, {
    callback: forRow,
    context,
    called(_, error) {
      if (error === null) rows++;
      else run.ended({ error });
    },
  });
  const end = observedCallback(guard, {
    callback: atEnd,
    context,
    called() {
      const { nanoseconds } = run;
      // If it has failed as well, the engine tells that at the latest in this turn of the event loop.
      setImmediate(guard.callback(() => run.ended({ error: null, rows: () => rows }, nanoseconds)));
    },
  });
  return [...rest, row, end];
}
