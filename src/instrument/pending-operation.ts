import type { Context } from "@opentelemetry/api";
import { contextIn } from "../recording/record-span.ts";
import { activeRollup, type Rollup } from "../recording/rollup.ts";
import type { Scope } from "../recording/scope.ts";
import { now } from "../runtime/clock.ts";
import { activityIn } from "./activity.ts";
import type { BegunRun, Operation } from "./operation.ts";

/** Run of an operation that has begun; other code of the application runs until it ends. */
export class PendingOperation implements BegunRun {
  readonly start: bigint = now();
  readonly scope: Scope | null;
  readonly rollup: Rollup | null;
  readonly parent: Context | undefined;
  readonly #operation: Operation;
  readonly #isCall: boolean;
  #isEnded = false;

  /**
   * @param scope the activity it runs in; by default that of its context
   * @param isCall false for an iteration, in which the engine works at times only
   */
  constructor(operation: Operation, scope?: Scope, isCall = true) {
    const { database } = operation;
    this.#operation = operation;
    this.#isCall = isCall;
    this.scope = scope ?? database.scope ?? activityIn(database) ?? null;
    this.rollup = this.scope === null ? activeRollup() : this.scope.outer;
    this.parent = this.rollup === null || this.scope !== null ? undefined : contextIn(database);
    if (isCall) operation.active.add(1);
  }

  /** Nanoseconds since it began. */
  get nanoseconds(): number {
    return Number(now() - this.start);
  }

  /**
   * Records that it succeeded. A second call does nothing.
   * @param items records returned or changed
   * @param blocked nanoseconds for which it blocked the event loop
   * @param nanoseconds its duration, if that is not the time since it began
   */
  succeeded(items = 0, blocked = 0, nanoseconds: number = this.nanoseconds): void {
    this.#end(items, undefined, blocked, nanoseconds);
  }

  /** Records that it failed. A second call does nothing. */
  failed(error: unknown, blocked = 0, nanoseconds: number = this.nanoseconds): void {
    this.#end(0, this.#operation.database.errorType(error), blocked, nanoseconds);
  }

  // oxlint-disable-next-line max-params
  #end(rows: number, failure: string | undefined, blocked: number, nanoseconds: number): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (this.#isCall) this.#operation.active.add(-1);
    this.#operation.settled(this, { nanoseconds, rows, failure, blocked });
  }
}
