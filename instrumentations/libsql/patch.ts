import type { ModuleTarget } from "../../src/instrument/definition.ts";
import { follow, Iteration } from "../../src/instrument/iteration.ts";
import type { Operation } from "../../src/instrument/operation.ts";
import { PendingOperation } from "../../src/instrument/pending-operation.ts";
import type { PendingCall, Probe } from "../../src/instrument/probe.ts";
import { changedRows } from "../sqlite/changes.ts";
import { closed, connectionOf, synchronizing, watchOpening } from "./connections.ts";
import { NATIVE, PROMISE } from "./files.ts";
import { asksEngine, iterationOf, listOf, noteIteration, notePrepared, runOf } from "./statements.ts";
import type { DatabaseClass, Db, Native, Statement } from "./types.ts";

/** Patches a class, or the native code that both classes open databases with. */
export function patch(exports: unknown, probe: Probe, { file }: ModuleTarget): void {
  if (file === NATIVE) return watchOpening(exports as Native, probe);
  const { prototype } = exports as DatabaseClass;
  if (file === PROMISE) patchAsynchronous(prototype, probe);
  else patchSynchronous(prototype, probe);
  probe.after(prototype, "close", closed);
}

const lengthOf = (result: unknown): number => (result as readonly unknown[]).length;

function patchSynchronous(prototype: Db, probe: Probe): void {
  let text = "";
  const preparing = (db: Db, sql: unknown): Operation | undefined => {
    if (typeof sql !== "string") return undefined;
    text = sql;
    return connectionOf(db, prototype)?.preparing;
  };
  probe.sync(prototype, "prepare", preparing, (statement: Statement, _, db: Db) => {
    patchStatement(statement, probe);
    notePrepared(statement, connectionOf(db)!, text);
    return 0;
  });
  const scriptOf = (db: Db, sql: unknown): Operation | undefined =>
    typeof sql === "string" ? connectionOf(db, prototype)?.script(sql) : undefined;
  probe.sync(prototype, "exec", scriptOf, "none");
  for (const name of ["sync", "syncUntil"])
    probe.sync(prototype, name, (db: Db) => synchronizing(connectionOf(db, prototype)), "none");
}

/** Patches the class of statements, which only a statement reveals. */
function patchStatement(statement: Statement, probe: Probe): void {
  const prototype = Object.getPrototypeOf(statement) as Statement;
  probe.sync(prototype, "run", runOf, changedRows);
  probe.sync(prototype, "get", runOf, "one");
  probe.sync(prototype, "all", listOf, "length");
  probe.iterator(prototype, "iterate", iterationOf, { asks: asksEngine, began: noteIteration });
}

function patchAsynchronous(prototype: Db, probe: Probe): void {
  probe.pending(prototype, "prepare", (db: Db, [sql]) => {
    const connection = connectionOf(db);
    if (connection === undefined || typeof sql !== "string") return undefined;
    const run = new PendingOperation(connection.preparing);
    return {
      succeeded(statement) {
        run.succeeded();
        patchAsynchronousStatement(statement as Statement, probe);
        notePrepared(statement as Statement, connection, sql);
      },
      failed: (error) => run.failed(error),
    };
  });
  probe.async(prototype, "exec", (db: Db, [sql]) =>
    typeof sql === "string" ? begun(connectionOf(db)?.script(sql)) : undefined,
  );
  for (const name of ["sync", "syncUntil"]) probe.async(prototype, name, (db: Db) => synchronizing(connectionOf(db)));
}

/** Patches the class of statements of the asynchronous class, two of whose methods are synchronous nevertheless. */
function patchAsynchronousStatement(statement: Statement, probe: Probe): void {
  const prototype = Object.getPrototypeOf(statement) as Statement;
  probe.sync(prototype, "run", runOf, changedRows);
  probe.sync(prototype, "get", runOf, "one");
  probe.async(prototype, "all", (each: Statement) => begun(listOf(each)), lengthOf);
  probe.pending(prototype, "iterate", (each: Statement) => iterating(each, probe));
}

function begun(operation: Operation | undefined): Operation | undefined {
  operation?.before?.();
  return operation;
}

function iterating(statement: Statement, probe: Probe): PendingCall | undefined {
  const operation = begun(iterationOf(statement));
  if (operation === undefined) return undefined;
  const run = new PendingOperation(operation, undefined, false);
  return {
    succeeded(iterator) {
      const iteration = new Iteration(probe.guard, operation, { nanoseconds: 0, run, asks: asksEngine });
      iteration.waited(run.nanoseconds, 1);
      follow(iterator as object, iteration);
      noteIteration(statement, iteration);
    },
    failed: (error) => run.failed(error),
  };
}
