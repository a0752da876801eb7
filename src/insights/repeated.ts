import { context, trace, type Attributes, type Span } from "@opentelemetry/api";
import {
  ATTR_HTTP_ROUTE,
  ATTR_STORAGE_ROLLUP_REPEATED_COUNT,
  ATTR_STORAGE_ROLLUP_REPEATED_OPERATION,
  EVENT_STORAGE_OPERATION_REPEATED,
  METRIC_STORAGE_OPERATION_REPEATED,
} from "../../semconv/index.ts";
import { now } from "../runtime/clock.ts";
import type { Instance } from "../recording/instance.ts";
import { identityOf } from "../recording/series-attributes.ts";
import type { SumSeries } from "../metrics/series.ts";
import { metricRegistry } from "../metrics/registry.ts";
import { OperationKind } from "../recording/operation-kind.ts";
import type { OperationInfo } from "../recording/operation-info.ts";
import { statementAttributes } from "../recording/record-span.ts";
import type { Rollup, SpanCounts } from "../recording/rollup.ts";
import { callSite } from "./call-site.ts";
import { rateLimitOf, RateLimit, SITES_A_MINUTE } from "../runtime/rate-limit.ts";
import { attemptFinding, emitFinding } from "./emit.ts";
import { findingPolicy } from "./thresholds.ts";

const repeated = metricRegistry.instrument(METRIC_STORAGE_OPERATION_REPEATED);

/**
 * Rate limit of reading call sites: most operations that reach the threshold are not the most repeated one, and are not
 * reported.
 */
const sites = new RateLimit(SITES_A_MINUTE);

/** Runs of one operation under one span. */
export class Repetition {
  readonly info: OperationInfo;
  readonly database: Instance;
  /** The object that counts it; an operation that runs under another span looks up its count again. */
  readonly owner: object;
  /** Runs relative to the threshold, negative below it: the hot path compares with a constant. */
  missing: number = -findingPolicy.repeated;
  /** Call site in the application of the run that reached the threshold. */
  site: Attributes | undefined;

  constructor(owner: object, info: OperationInfo, database: Instance) {
    this.owner = owner;
    this.info = info;
    this.database = database;
  }

  get count(): number {
    return this.missing + findingPolicy.repeated;
  }

  /** Records the call site of the run that reaches the threshold: at the end of the span it is no longer available. */
  reached(): void {
    if (!isStatement(this)) return;
    attemptFinding(() => {
      const timestamp = now();
      if (rateLimitOf(this.series()).isAvailable(timestamp) && sites.tryAcquire(timestamp) !== undefined)
        this.site = callSite();
    });
  }

  series(): SumSeries {
    return repeated.bind(identityOf(this.database, this.info));
  }
}

/** Placeholder for an operation that has not run under any span. */
export const NO_REPETITION: Repetition = new Repetition({}, {} as OperationInfo, {} as Instance);

/** Tells whether an operation is a statement: compiling is not specific to one, and a transaction is not an access. */
const isStatement = ({ info: { kind } }: Repetition): boolean =>
  kind !== OperationKind.TRANSACTION && kind !== OperationKind.PREPARE;

/**
 * Maximum number of statements distinguished by their original text; an application that embeds values in its texts has
 * one for each.
 */
const MAX_STATEMENTS = 256;
/**
 * Maximum number of statements distinguished by their text without values, from then on; the remaining ones share one
 * count that is not reported.
 */
const MAX_TEXTS = 1_000;

/** Counts of the operations under one span. */
export class Repetitions implements SpanCounts {
  readonly #all = new Map<OperationInfo | string, Repetition>();
  #beyond: Repetition | undefined;

  /** Returns the count of an operation, which the operation may cache while it runs under the same span. */
  of(info: OperationInfo, database: Instance): Repetition {
    return this.#all.get(info) ?? this.#add(info, database);
  }

  #add(info: OperationInfo, database: Instance): Repetition {
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

  /** Counts and reports the most repeated statement, if it reached the threshold. */
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
    report(most, span);
  }

  /**
   * Finds the most repeated statement. Texts are compared only for statements whose common summary reached the
   * threshold.
   */
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

/** Returns the counts of the operations of a span. */
export const repetitionsOf = (rollup: Rollup): Repetitions => (rollup.counts ??= new Repetitions()) as Repetitions;

/** Statement that reached the threshold. */
interface Repeated {
  count: number;
  readonly repetition: Repetition;
  readonly parts: Repetition[];
}

/** Returns the groups that reach the threshold in total. */
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

const nameOf = ({ attributes }: Instance): string => Object.values(attributes).join("\n");

/** Returns the statement without values, by which statements are identified. */
const statementOf = (info: OperationInfo, database: Instance): string =>
  `${nameOf(database)}\n${info.text?.() ?? info.summary}`;

function report({ count, repetition, parts }: Repeated, span: Span): void {
  const { info, database } = repetition;
  const series = repetition.series();
  series.add(1);
  const suppressed = rateLimitOf(series).tryAcquire(now());
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
