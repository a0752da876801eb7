import { context, trace, type Attributes, type Span } from "@opentelemetry/api";
import {
  ATTR_HTTP_ROUTE,
  ATTR_STORAGE_ROLLUP_REPEATED_COUNT,
  ATTR_STORAGE_ROLLUP_REPEATED_OPERATION,
  EVENT_STORAGE_OPERATION_REPEATED,
  METRIC_STORAGE_OPERATION_REPEATED,
} from "../../semconv/index.ts";
import { now } from "../runtime/clock.ts";
import type { Database } from "../recording/instance.ts";
import { identityOf } from "../recording/series-attributes.ts";
import type { SumCell } from "../metrics/series.ts";
import { hotMetrics } from "../metrics/registry.ts";
import { OperationKind } from "../recording/operation-kind.ts";
import type { OperationInfo } from "../recording/operation-info.ts";
import { statementAttributes } from "../recording/record-span.ts";
import type { Rollup, SpanCounts } from "../recording/rollup.ts";
import { callSite } from "./call-site.ts";
import { rateLimitOf, RateLimit, SITES_A_MINUTE } from "../runtime/rate-limit.ts";
import { attemptFinding, emitFinding } from "./emit.ts";
import { findingPolicy } from "./thresholds.ts";

const repeated = hotMetrics.instrument(METRIC_STORAGE_OPERATION_REPEATED);

/** Most of what reaches the threshold is not what is repeated most, and is never told of. */
const sites = new RateLimit(SITES_A_MINUTE);

/** The runs of one operation under one span. */
export class Repetition {
  readonly info: OperationInfo;
  readonly database: Database;
  /** What counts it; an operation that runs under another one looks its own up again. */
  readonly owner: object;
  /** Runs that are missing to the threshold, below zero: so the hot path compares with a constant. */
  missing: number = -findingPolicy.repeated;
  /** Where the application made the run that reached the threshold. */
  site: Attributes | undefined;

  constructor(owner: object, info: OperationInfo, database: Database) {
    this.owner = owner;
    this.info = info;
    this.database = database;
  }

  get count(): number {
    return this.missing + findingPolicy.repeated;
  }

  /** Called by the run that reaches the threshold: at the end of the span it is too late to ask where it came from. */
  reached(): void {
    if (!isStatement(this)) return;
    attemptFinding(() => {
      const moment = now();
      if (rateLimitOf(this.series()).isLeft(moment) && sites.spend(moment) !== undefined) this.site = callSite();
    });
  }

  series(): SumCell {
    return repeated.bind(identityOf(this.database, this.info));
  }
}

/** Before an operation ran under any span. */
export const NO_REPETITION: Repetition = new Repetition({}, {} as OperationInfo, {} as Database);

/** Compiling has no statement of its own to be told apart by, and a transaction is no access. */
const isStatement = ({ info: { kind } }: Repetition): boolean =>
  kind !== OperationKind.TRANSACTION && kind !== OperationKind.PREPARE;

/** Statements told apart as they were written; an application that writes values into them has one for each. */
const MAX_STATEMENTS = 256;
/** Then they are told apart by their text without values; what is beyond this many shares one count that is not told. */
const MAX_TEXTS = 1_000;

/** How often each operation ran under one span. */
export class Repetitions implements SpanCounts {
  readonly #all = new Map<OperationInfo | string, Repetition>();
  #beyond: Repetition | undefined;

  /** The count of an operation, which it may keep as long as it runs under the same span. */
  of(info: OperationInfo, database: Database): Repetition {
    return this.#all.get(info) ?? this.#add(info, database);
  }

  #add(info: OperationInfo, database: Database): Repetition {
    let key: OperationInfo | string = info;
    if (this.#all.size >= MAX_STATEMENTS) {
      key = statementOf(info, database);
      const known = this.#all.get(key);
      if (known !== undefined) return known;
    }
    const repetition = new Repetition(this, info, database);
    if (this.#all.size >= MAX_TEXTS) return (this.#beyond ??= repetition);
    this.#all.set(key, repetition);
    return repetition;
  }

  /** Counts and tells of the statement that was run most often, if that was often enough. */
  close(span: Span): void {
    attemptFinding(() => this.#close(span));
  }

  #close(span: Span): void {
    if (findingPolicy.repeated === 0) return;
    const most = this.#mostRepeated();
    this.#all.clear();
    if (most === undefined) return;
    span.setAttribute(ATTR_STORAGE_ROLLUP_REPEATED_OPERATION, most.repetition.info.summary);
    span.setAttribute(ATTR_STORAGE_ROLLUP_REPEATED_COUNT, most.count);
    tell(most, span);
  }

  /** Texts are compared only of statements that have the same summary often enough. */
  #mostRepeated(): Repeated | undefined {
    const statements = [...this.#all.values()].filter(isStatement);
    const often = grouped(statements, ({ info, database }) => `${nameOf(database)}\n${info.summary}`);
    const same = often.flatMap(({ parts }) =>
      parts.length === 1 ? grouped(parts, () => "") : grouped(parts, (part) => statementOf(part.info, part.database)),
    );
    return same.reduce<Repeated | undefined>(
      (most, each) => (each.count > (most?.count ?? 0) ? each : most),
      undefined,
    );
  }
}

/** Finds the counts of the operations of a span. */
export const repetitionsOf = (rollup: Rollup): Repetitions => (rollup.counts ??= new Repetitions()) as Repetitions;

/** A statement that was run often enough. */
interface Repeated {
  count: number;
  readonly repetition: Repetition;
  readonly parts: Repetition[];
}

/** Groups that reach the threshold together. */
function grouped(repetitions: readonly Repetition[], key: (repetition: Repetition) => string): Repeated[] {
  const groups = new Map<string, Repeated>();
  for (const repetition of repetitions) {
    const name = key(repetition);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { count: repetition.count, repetition, parts: [repetition] });
    else {
      group.count += repetition.count;
      group.parts.push(repetition);
    }
  }
  return [...groups.values()].filter(({ count }) => count >= findingPolicy.repeated);
}

const nameOf = ({ attributes }: Database): string => Object.values(attributes).join("\n");

/** The statement without values: two that differ in nothing else are the same one. */
const statementOf = (info: OperationInfo, database: Database): string =>
  `${nameOf(database)}\n${info.text?.() ?? info.summary}`;

function tell({ count, repetition, parts }: Repeated, span: Span): void {
  const { info, database } = repetition;
  const series = repetition.series();
  series.add(1);
  const suppressed = rateLimitOf(series).spend(now());
  if (suppressed === undefined) return;
  const attributes: Attributes = {
    ...statementAttributes(info, database),
    ...parts.find(({ site }) => site !== undefined)?.site,
    [ATTR_STORAGE_ROLLUP_REPEATED_COUNT]: count,
  };
  const route = (span as { attributes?: Attributes }).attributes?.[ATTR_HTTP_ROUTE];
  if (typeof route === "string") attributes[ATTR_HTTP_ROUTE] = route;
  emitFinding({
    name: EVENT_STORAGE_OPERATION_REPEATED,
    body: `${info.summary} ran ${count} times inside one span`,
    severity: "INFO",
    attributes,
    suppressed,
    context: trace.setSpan(context.active(), span),
  });
}
