import type { Attributes } from "@opentelemetry/api";
import {
  ATTR_STORAGE_ROLLUP_ERRORS,
  ATTR_STORAGE_ROLLUP_OPERATIONS,
  ATTR_STORAGE_ROLLUP_OTHER_OPERATIONS,
  ATTR_STORAGE_ROLLUP_OTHER_TIME,
  ATTR_STORAGE_ROLLUP_PREPARE_OPERATIONS,
  ATTR_STORAGE_ROLLUP_PREPARE_TIME,
  ATTR_STORAGE_ROLLUP_READ_OPERATIONS,
  ATTR_STORAGE_ROLLUP_READ_TIME,
  ATTR_STORAGE_ROLLUP_ROWS,
  ATTR_STORAGE_ROLLUP_TIME,
  ATTR_STORAGE_ROLLUP_TRANSACTION_OPERATIONS,
  ATTR_STORAGE_ROLLUP_TRANSACTION_TIME,
  ATTR_STORAGE_ROLLUP_UNTIMED_OPERATIONS,
  ATTR_STORAGE_ROLLUP_WAIT_TIME,
  ATTR_STORAGE_ROLLUP_WRITE_OPERATIONS,
  ATTR_STORAGE_ROLLUP_WRITE_TIME,
} from "../../semconv/index.ts";
import { OperationKind } from "./operation-kind.ts";

/** Attributes of each kind of operation, at the index of the kind. */
const KIND_ATTRIBUTES: readonly (readonly [operations: string, time: string])[] = [
  [ATTR_STORAGE_ROLLUP_READ_OPERATIONS, ATTR_STORAGE_ROLLUP_READ_TIME],
  [ATTR_STORAGE_ROLLUP_WRITE_OPERATIONS, ATTR_STORAGE_ROLLUP_WRITE_TIME],
  [ATTR_STORAGE_ROLLUP_TRANSACTION_OPERATIONS, ATTR_STORAGE_ROLLUP_TRANSACTION_TIME],
  [ATTR_STORAGE_ROLLUP_PREPARE_OPERATIONS, ATTR_STORAGE_ROLLUP_PREPARE_TIME],
  [ATTR_STORAGE_ROLLUP_OTHER_OPERATIONS, ATTR_STORAGE_ROLLUP_OTHER_TIME],
];
const KINDS = KIND_ATTRIBUTES.length;

/** Indexes of the values: a count and a time for each kind, then these. */
const ROWS = 2 * KINDS;
const ERRORS = ROWS + 1;
const WAIT = ERRORS + 1;
const UNTIMED = WAIT + 1;

/** A tenth of the time that filling an array anew takes. */
const ZEROS: readonly number[] = Array.from({ length: UNTIMED + 1 }, () => 0);

/** Counts and times of storage operations, by kind. */
export class Totals {
  // Not a Float64Array: one of this size has its memory outside of the heap, and its allocation costs as much as all of
  // its use.
  readonly #values: number[];

  constructor(values: number[] = ZEROS.slice()) {
    this.#values = values;
  }

  /** Returns a copy, as of now. */
  copy(): Totals {
    return new Totals(this.#values.slice());
  }

  add(kind: OperationKind, nanoseconds: number, rows: number): void {
    const values = this.#values;
    values[kind]!++;
    values[KINDS + kind]! += nanoseconds;
    values[ROWS]! += rows;
  }

  addError(): void {
    this.#values[ERRORS]!++;
  }

  /** Marks one of the operations that were added as not timed itself. */
  addUntimed(): void {
    this.#values[UNTIMED]!++;
  }

  addWait(nanoseconds: number): void {
    this.#values[WAIT]! += nanoseconds;
  }

  merge(other: Totals): void {
    for (let i = 0; i < this.#values.length; i++) this.#values[i]! += other.#values[i]!;
  }

  reset(): void {
    // `fill` is a call out of compiled code, and takes several times as long.
    for (let i = 0; i < this.#values.length; i++) this.#values[i] = 0;
  }

  /**
   * Returns the number of operations of the application. A prepare is not counted: the application also runs the
   * statement.
   */
  get operations(): number {
    return this.#sum(0) - this.#values[OperationKind.PREPARE]!;
  }

  /** Returns the total time in seconds. */
  get time(): number {
    return this.#sum(KINDS) / 1e9;
  }

  #sum(from: number): number {
    let sum = 0;
    for (let kind = 0; kind < KINDS; kind++) sum += this.#values[from + kind]!;
    return sum;
  }

  /** Adds the attributes for the span of the operations; none if there were no operations. */
  describe(attributes: Attributes): Attributes {
    const values = this.#values;
    for (let kind = 0; kind < KINDS; kind++) {
      if (values[kind] === 0) continue;
      const [operationsKey, timeKey] = KIND_ATTRIBUTES[kind]!;
      attributes[operationsKey] = values[kind]!;
      attributes[timeKey] = values[KINDS + kind]! / 1e9;
    }
    const { operations } = this;
    if (operations === 0 && values[OperationKind.PREPARE] === 0) return attributes;
    attributes[ATTR_STORAGE_ROLLUP_OPERATIONS] = operations;
    attributes[ATTR_STORAGE_ROLLUP_TIME] = this.time;
    attributes[ATTR_STORAGE_ROLLUP_ROWS] = values[ROWS]!;
    if (values[ERRORS]! > 0) attributes[ATTR_STORAGE_ROLLUP_ERRORS] = values[ERRORS]!;
    if (values[UNTIMED]! > 0) attributes[ATTR_STORAGE_ROLLUP_UNTIMED_OPERATIONS] = values[UNTIMED]!;
    if (values[WAIT]! > 0) attributes[ATTR_STORAGE_ROLLUP_WAIT_TIME] = values[WAIT]! / 1e9;
    return attributes;
  }
}
