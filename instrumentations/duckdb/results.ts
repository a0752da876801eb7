import { Guard } from "../../src/runtime/guard.ts";
import type { CallResults, StatementCall } from "./call.ts";
import type { Package, Result } from "./package-types.ts";
import { DuckStream } from "./stream.ts";

const guard = new Guard("duckdb results");

/** Ends a stream whose result was garbage-collected. */
const abandoned = new FinalizationRegistry<DuckStream>(guard.callback((stream) => stream.finish()));

/** Results of a copy of the package that are still to come. */
export class Results implements CallResults {
  readonly streams = new WeakMap<object, DuckStream>();
  readonly polled = new WeakMap<object, StatementCall>();
  readonly #changedRows: number | undefined;
  readonly #pending: Function;
  /** Returns the number of rows of a result that is complete; it is on the class of some of them. */
  readonly #rowCount: ((this: Result) => number) | undefined;

  constructor({ DuckDBPendingResult, DuckDBMaterializedResult, ResultReturnType }: Package) {
    this.#pending = DuckDBPendingResult;
    this.#changedRows = ResultReturnType["CHANGED_ROWS"];
    this.#rowCount = Object.getOwnPropertyDescriptor(DuckDBMaterializedResult.prototype, "rowCount")?.get;
  }

  isPending(result: unknown): result is object {
    return result instanceof this.#pending;
  }

  follow(pending: object, call: StatementCall): void {
    this.polled.set(pending, call);
  }

  isStreaming(result: Result): boolean {
    return result.isStreaming;
  }

  stream(result: Result, call: StatementCall): void {
    const stream = new DuckStream(call);
    this.streams.set(result, stream);
    abandoned.register(result, stream);
    call.connection.streams(stream);
  }

  rowsOf(result: Result): number {
    return result.returnType === this.#changedRows ? result.rowsChanged : (this.#rowCount?.call(result) ?? 0);
  }
}
