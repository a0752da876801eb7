import { Operation } from "../../src/instrument/operation.ts";
import type { Instance } from "../../src/recording/instance.ts";
import { Boundary, OperationKind } from "../../src/recording/operation-kind.ts";
import type { OperationInfo } from "../../src/recording/operation-info.ts";
import { now } from "../../src/runtime/clock.ts";
import { BoundedTexts } from "../files/bounded-map.ts";
import { Counters, type Usage } from "./counters.ts";
import type { PostgresModule } from "./engine.ts";
import { hookOf } from "./hooks.ts";
import type { Outcome } from "./results.ts";
import type { Run } from "./run.ts";
import { parse, refused, type PostgresScript } from "./sql.ts";
import { Boundaries, type Call } from "./transactions.ts";

/** Limits of the cached texts; an evicted text is parsed again. */
const MAX_TEXTS = { texts: 1_000, characters: 1_000_000 };

const PREPARE: OperationInfo = {
  kind: OperationKind.PREPARE,
  boundary: Boundary.NONE,
  statements: 0,
  name: "PREPARE",
  summary: "PREPARE",
};

/** SQLSTATE of a text that PostgreSQL does not understand. */
const SYNTAX_ERROR = "42601";

/** Text, and its operations. */
interface Known {
  readonly script: PostgresScript;
  /** True if it can neither begin nor end a transaction. */
  readonly isPlain: boolean;
  readonly operation: Operation;
  /** The operation of runs that fail, of which less is told. */
  failing?: Operation;
  /** The operation of runs that fail as PostgreSQL does not understand the text. */
  refused?: Operation;
}

/** End of a call. */
export interface Ended {
  readonly module: PostgresModule | undefined;
  readonly result: unknown;
  /** Error of a call that failed. */
  readonly error: unknown;
  /** Reads a result; undefined if the call only described the statement. */
  readonly read: (result: unknown, kind: OperationKind) => Outcome | undefined;
}

/** Statements of one database, which run one after the other. */
export class Statements {
  isWritten = false;
  readonly #database: Instance;
  readonly #known = new BoundedTexts<Known>(MAX_TEXTS);
  readonly #boundaries: Boundaries;
  readonly #counters: Counters;
  #preparing: Operation | undefined;
  #usage: Usage | undefined;

  constructor(database: Instance, module: PostgresModule | undefined) {
    this.#database = database;
    this.#boundaries = new Boundaries(database);
    this.#counters = new Counters(database);
    this.#counters.count(module);
  }

  /** Records the wait of a call for the connection. */
  waited(nanoseconds: number): void {
    this.#boundaries.waited(nanoseconds);
  }

  /** Records the end of a call. */
  ended(run: Run, { module, result, error, read }: Ended): void {
    this.#usage = this.#counters.count(module);
    const { text } = run;
    if (text === undefined) return;
    const known = this.#of(text);
    if (error !== undefined) return this.#settle(run, known, NO_OUTCOME, this.#callOf(run, known, { module, error }));
    const outcome = read(result, known.script.kind);
    if (outcome === undefined) return this.#prepared().settled(run, endOf(run, now(), NO_OUTCOME, undefined));
    this.#settle(run, known, outcome, this.#callOf(run, known, { module, error: outcome.error }));
  }

  /** Records that the application closed the database. */
  closed(timestamp: bigint): void {
    this.#boundaries.closed(timestamp);
  }

  #callOf(run: Run, { script }: Known, { module, error }: Pick<Ended, "module" | "error">): Call {
    return {
      script,
      start: run.granted,
      end: now(),
      failure: error === undefined ? undefined : this.#database.errorType(error),
      walBytes: this.#usage?.walBytes,
      module,
    };
  }

  // oxlint-disable-next-line max-params -- an object for each call would have to be collected
  #settle(run: Run, known: Known, outcome: Outcome, call: Call): void {
    const { failure, end, script } = call;
    const settled = endOf(run, end, outcome, failure);
    const isWrite = script.kind === OperationKind.WRITE;
    if (failure === undefined && isWrite) this.isWritten = true;
    const wasOpen = this.#boundaries.isOpen;
    // Most statements are no boundary of a transaction.
    if (failure === undefined && known.isPlain) {
      known.operation.settled(run, settled);
      this.#boundaries.ran(call, isWrite);
      return;
    }
    const isOpen = isInTransaction(call.module, wasOpen);
    this.#boundaries.opening(call, isOpen);
    // The call that begins a transaction is a part of it.
    if (this.#boundaries.isOpen && !wasOpen) run.scope = this.#database.scope;
    this.#operation(known, failure).settled(run, settled);
    this.#boundaries.closing(call, { wasOpen, isOpen, isRolledBack: outcome.isRolledBack });
  }

  #of(text: string): Known {
    return this.#known.get(text) ?? this.#known.set(text, this.#create(text));
  }

  #create(text: string): Known {
    const script = parse(text);
    const hook = hookOf(this.#database, script, () => this.#usage);
    return { script, isPlain: isPlain(script), operation: new Operation(this.#database, { ...script, hook }) };
  }

  /** Returns the operation of a run; of one that failed, the text is not told, as PostgreSQL may not have understood it. */
  #operation(known: Known, failure: string | undefined): Operation {
    if (failure === undefined) return known.operation;
    const { script, operation } = known;
    if (failure === SYNTAX_ERROR) return (known.refused ??= new Operation(this.#database, refused(script)));
    const { text: _, ...untold } = script;
    return (known.failing ??= new Operation(this.#database, { ...untold, hook: operation.hook }));
  }

  #prepared(): Operation {
    return (this.#preparing ??= new Operation(this.#database, PREPARE));
  }
}

/** Outcome of a call that failed, and of one that ran nothing. */
const NO_OUTCOME: Outcome = { rows: 0, isRolledBack: false };

type Settled = Parameters<Operation["settled"]>[1];

// oxlint-disable-next-line max-params -- as above
const endOf = (run: Run, end: bigint, { rows }: Outcome, failure: string | undefined): Settled => ({
  nanoseconds: Number(end - run.start),
  rows,
  failure,
  blocked: run.blockedUntil(end),
});

const isPlain = ({ parts }: PostgresScript): boolean => parts.every(({ control }) => control === undefined);

/** Asks PostgreSQL whether a transaction is open; it cannot be asked when it has crashed or is closed. */
function isInTransaction(module: PostgresModule | undefined, wasOpen: boolean): boolean {
  if (module?._IsTransactionBlock === undefined) return module !== undefined && wasOpen;
  return module._IsTransactionBlock() !== 0;
}
