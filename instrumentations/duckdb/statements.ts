import { callOriginal } from "../../src/instrument/call-original.ts";
import type { PendingCall, Probe } from "../../src/instrument/probe.ts";
import { PendingOperation } from "../../src/instrument/pending-operation.ts";
import type { AnyFunction } from "../../src/instrument/wrap.ts";
import { OperationKind } from "../../src/recording/operation-kind.ts";
import { now } from "../../src/runtime/clock.ts";
import { StatementCall } from "./call.ts";
import type { DuckConnection } from "./connection.ts";
import type { Known } from "./database.ts";
import type { ExtractedStatements, Package, PreparedStatement } from "./package-types.ts";
import { Results } from "./results.ts";
import { statementOfType, type Statement } from "./sql.ts";

type ConnectionOf = (connection: object) => DuckConnection | undefined;

/** Methods that run statements, of a connection and of a prepared statement. Others call them. */
const RUNS = ["run", "stream", "start", "startStream"];

/** What a call of the application has made to run its statements, or the application to run them itself. */
type Origin<Own> = { readonly call: StatementCall } | ({ readonly call?: undefined } & Own);

/** Statements of a text that the application runs one by one. */
interface Extracted {
  readonly connection: DuckConnection;
  readonly parts: readonly Statement[];
  readonly count: number;
}

interface Prepared {
  readonly connection: DuckConnection;
  readonly known: Known;
}

/** Observes everything that runs statements. */
export function patchStatements(duckdb: Package, probe: Probe, connectionOf: ConnectionOf): void {
  const results = new Results(duckdb);
  const extracted = new WeakMap<object, Origin<Extracted>>();
  const prepared = new WeakMap<object, Origin<Prepared>>();
  patchConnection(duckdb, probe, { connectionOf, results, extracted, prepared });
  patchPrepared(duckdb, probe, { results, prepared });
  patchExtracted(duckdb, probe, { extracted, prepared });
  patchResults(duckdb, probe, results);
}

/** The call of the application whose method of the package runs now; what that calls belongs to it. */
let calling: StatementCall | undefined;

/** Observes a method that runs statements. */
function observe(probe: Probe, target: object, name: string, begin: Begin): void {
  probe.wrap(
    target,
    name,
    (original) =>
      function observed(this: object, ...args: unknown[]): unknown {
        const run = (): unknown => callOriginal(original, this, args, observed);
        const call = probe.guard.enabled ? probe.guard.attempt(() => begin(this, args)) : undefined;
        if (call === undefined) return run();
        const before = calling;
        calling = call instanceof StatementCall ? call : undefined;
        try {
          return probe.settle(run, call);
        } finally {
          calling = before;
        }
      } as AnyFunction,
  );
}

type Begin = (self: object, args: readonly unknown[]) => PendingCall | undefined;

/** Begins to prepare statements. */
function preparing(connection: DuckConnection, prepared: (result: object) => void): PendingCall {
  const run = new PendingOperation(connection.database.call("PREPARE"), connection.transactions.open);
  return {
    succeeded(result) {
      run.succeeded();
      prepared(result as object);
    },
    failed(error) {
      run.failed(error);
      connection.failedToPrepare(error);
    },
  };
}

interface Maps {
  readonly results: Results;
  readonly connectionOf: ConnectionOf;
  readonly extracted: WeakMap<object, Origin<Extracted>>;
  readonly prepared: WeakMap<object, Origin<Prepared>>;
}

function patchConnection({ DuckDBConnection }: Package, probe: Probe, maps: Maps): void {
  const { connectionOf, results, extracted, prepared } = maps;
  const { prototype } = DuckDBConnection;
  for (const name of RUNS)
    observe(probe, prototype, name, (self, [sql]) => {
      const connection = typeof sql === "string" ? connectionOf(self) : undefined;
      return connection && new StatementCall(connection, connection.known(sql), results);
    });
  probe.pending(prototype, "extractStatements", (self: object, [sql]) => {
    const call = calling;
    if (call !== undefined)
      return {
        succeeded(result) {
          call.extracted((result as ExtractedStatements).count);
          extracted.set(result as object, { call });
        },
        failed() {},
      };
    const connection = typeof sql === "string" ? connectionOf(self) : undefined;
    if (connection === undefined) return undefined;
    const { parts } = connection.known(sql);
    return preparing(connection, (result) =>
      extracted.set(result, { connection, parts, count: (result as ExtractedStatements).count }),
    );
  });
  probe.pending(prototype, "createPrepared", (self: object, [sql]) => {
    const connection = typeof sql === "string" ? connectionOf(self) : undefined;
    if (connection === undefined) return undefined;
    const known = connection.known(sql);
    return preparing(connection, (result) => {
      connection.endsStreams();
      prepared.set(result, { connection, known });
    });
  });
}

function patchExtracted(
  { DuckDBExtractedStatements, StatementType }: Package,
  probe: Probe,
  { extracted, prepared }: Pick<Maps, "extracted" | "prepared">,
): void {
  const knownAt = ({ connection, parts, count }: Extracted, index: unknown, { statementType }: PreparedStatement) => {
    // DuckDB replaces some statements by several.
    const part = parts.length === count ? parts[index as number] : parts.length === 1 ? parts[0] : undefined;
    return connection.database.knownPart(part ?? statementOfType(StatementType[statementType] ?? "OTHER", OTHER));
  };
  probe.pending(DuckDBExtractedStatements.prototype, "prepare", (self: object, [index]) => {
    const origin = extracted.get(self);
    if (origin === undefined) return undefined;
    const { call } = origin;
    if (call !== undefined) return { succeeded: (result) => prepared.set(result as object, { call }), failed() {} };
    const { connection } = origin;
    return preparing(connection, (result) => {
      connection.endsStreams();
      prepared.set(result, { connection, known: knownAt(origin, index, result as PreparedStatement) });
    });
  });
}

const { OTHER } = OperationKind;

function patchPrepared(
  { DuckDBPreparedStatement }: Package,
  probe: Probe,
  { results, prepared }: Pick<Maps, "results" | "prepared">,
): void {
  const { prototype } = DuckDBPreparedStatement;
  for (const name of RUNS)
    observe(probe, prototype, name, (self) => {
      const origin = prepared.get(self);
      if (origin === undefined) return undefined;
      const { call } = origin;
      if (call !== undefined) return { succeeded: () => call.step(), failed() {} };
      return new StatementCall(origin.connection, origin.known, results);
    });
}

function patchResults({ DuckDBPendingResult, DuckDBResult }: Package, probe: Probe, results: Results): void {
  probe.pending(DuckDBPendingResult.prototype, "getResult", (self: object) => results.polled.get(self));
  probe.wrap(
    DuckDBPendingResult.prototype,
    "runTask",
    (original) =>
      function observed(this: object): unknown {
        const call = results.polled.get(this);
        const start = now();
        try {
          return callOriginal(original, this, arguments, observed);
        } catch (error) {
          probe.attempt(() => call?.failed(error));
          throw error;
        } finally {
          call?.spent(Number(now() - start));
        }
      } as AnyFunction,
  );
  probe.pending(DuckDBResult.prototype, "fetchChunk", (self: object) => results.streams.get(self)?.fetching());
}
