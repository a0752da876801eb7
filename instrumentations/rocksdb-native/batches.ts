import { callOriginal } from "../../src/instrument/call-original.ts";
import { PendingOperation } from "../../src/instrument/pending-operation.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import type { AnyFunction } from "../../src/instrument/wrap.ts";
import type { OperationName } from "./database.ts";
import type { Databases } from "./databases.ts";
import type { Batch, Session } from "./package.ts";

/** Run of a batch, from when the engine is given it to its end. */
interface Run {
  readonly operation: PendingOperation;
  records: number;
  readonly ended: ((isWritten: boolean) => void) | undefined;
}

/** Methods that make a batch of their own and run it. */
const DIRECT = ["get", "put", "delete", "deleteRange", "peek"] as const satisfies readonly OperationName[];

/** Method of the application that is being called, up to its first wait. */
let called: OperationName | undefined;

/** Returns the name of the method that is being called, or of the one that makes batches and iterators. */
export const nameOr = (name: OperationName): OperationName => called ?? name;

/**
 * Observes the batches, which all reads and writes come down to: each is an operation, from the call that gives it to the
 * engine until the engine's answer. The promises of the application are not touched.
 */
export function observeBatches(prototype: object, probe: Probe, databases: Databases): void {
  for (const name of DIRECT) probe.wrap(prototype, name, (original) => named(name, original));
  const runs = new WeakMap<Batch, Run>();
  const begin = (batch: Batch): void => {
    const session = batch._db;
    // It throws, and goes on with what it was doing.
    if (session === null || batch._request || batch._destroyed || !probe.guard.enabled) return;
    const database = databases.of(session._state);
    if (database === undefined) return;
    const isRead = batch._stats.gets !== undefined;
    const operation = new PendingOperation(
      database.operation(nameOr(isRead ? "read" : "write"), session._columnFamily),
    );
    const { puts = 0, deletes = 0 } = batch._stats;
    runs.set(batch, { operation, records: puts + deletes, ended: isRead ? undefined : database.writing() });
  };
  const observed = new WeakSet();
  for (const name of ["read", "write"] as const)
    probe.wrap(prototype, name, (original) =>
      touching(original, probe, databases, (batch: Batch) => {
        const own = Object.getPrototypeOf(batch) as object;
        if (observed.has(own)) return;
        observed.add(own);
        const base = Object.getPrototypeOf(own) as object;
        for (const method of ["flush", "tryFlush"]) probe.before(base, method, begin);
        observeEnds(base, probe, runs);
        if (name === "read") observeAnswers(own, probe, runs);
      }),
    );
}

/** Ends the run of a batch when the engine has answered, or the batch was destroyed. */
function observeEnds(prototype: object, probe: Probe, runs: WeakMap<Batch, Run>): void {
  const finish = (batch: Batch, error: unknown): void => {
    const run = runs.get(batch);
    if (run === undefined) return;
    runs.delete(batch);
    run.ended?.(!error);
    if (error) run.operation.failed(error);
    else run.operation.succeeded(run.records);
  };
  observeArguments(prototype, "_onfinished", probe, finish);
}

/** Counts the records that a batch of reads has found. */
function observeAnswers(prototype: object, probe: Probe, runs: WeakMap<Batch, Run>): void {
  observeArguments(prototype, "_onread", probe, (batch: Batch, _: unknown, values: unknown) => {
    const run = runs.get(batch);
    if (run !== undefined && Array.isArray(values)) run.records = values.filter(Boolean).length;
  });
}

/** Calls back before each call of a method that only the package itself calls. */
function observeArguments(
  prototype: object,
  name: string,
  probe: Probe,
  called: (batch: Batch, first: unknown, second: unknown) => void,
): void {
  const { guard } = probe;
  probe.wrap(prototype, name, (original) => {
    return function observed(this: Batch, first?: unknown, second?: unknown): unknown {
      try {
        called(this, first, second);
      } catch (error) {
        guard.failed(error);
      }
      return callOriginal(original, this, arguments, observed);
    } as AnyFunction;
  });
}

const named = (name: OperationName, original: AnyFunction): AnyFunction =>
  function observed(this: unknown): unknown {
    const before = called;
    called = name;
    try {
      return callOriginal(original, this, arguments, observed);
    } finally {
      called = before;
    }
  } as AnyFunction;

/** Returns a method that calls back with what it has made, before anyone uses it. */
export const touching = <Made>(
  original: AnyFunction,
  { guard }: Probe,
  databases: Databases,
  made: (result: Made, session: Session) => void,
): AnyFunction =>
  function observed(this: Session): unknown {
    try {
      databases.touch(this);
    } catch (error) {
      guard.failed(error);
    }
    const result: unknown = callOriginal(original, this, arguments, observed);
    try {
      made(result as Made, this);
    } catch (error) {
      guard.failed(error);
    }
    return result;
  } as AnyFunction;
