import {
  trace,
  TraceFlags,
  type Attributes,
  type Context,
  type Span,
  type SpanContext,
  type TracerProvider,
} from "@opentelemetry/api";
import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import {
  ATTR_DB_NAMESPACE,
  ATTR_STORAGE_ROLLUP_CACHE_HITS,
  ATTR_STORAGE_ROLLUP_CACHE_MISSES,
  ATTR_STORAGE_ROLLUP_DATABASE_OPERATIONS,
  ATTR_STORAGE_ROLLUP_DATABASE_TIME,
  ATTR_STORAGE_ROLLUP_DATABASES,
  ATTR_STORAGE_ROLLUP_OMITTED_SPANS,
} from "../../semconv/index.ts";
import type { Anchor } from "../runtime/clock.ts";
import type { HistogramSeries } from "../metrics/histogram.ts";
import { NOOP_PROCESSOR } from "../runtime/noop-processor.ts";
import { activeContext, registered } from "../context/active.ts";
import { anchorOf } from "../spans/span-clock.ts";
import { spanPolicy } from "../spans/policy.ts";
import { Totals } from "./rollup-totals.ts";

/** Tells whether operations in a span are exemplars of their histograms. */
export const isSampledExemplar = ({ traceFlags }: SpanContext): boolean =>
  spanPolicy.exemplars && (traceFlags & TraceFlags.SAMPLED) !== 0;

/** Database whose operations are summed up. */
export interface Summed {
  readonly attributes: { readonly [ATTR_DB_NAMESPACE]: string };
}

/** Counters of the operations of a span beside their sums. Never throws. */
export interface SpanCounts {
  /** Called when the span ends. */
  close(span: Span): void;
}

/** Sums of the storage operations of one recording span, which are set as its attributes when it ends. */
export class Rollup {
  /** Further counters of its operations, set by the module that counts them. */
  counts: SpanCounts | null = null;
  readonly spanContext: SpanContext;
  readonly anchor: Anchor;
  /** True if its operations are exemplars of their histograms. */
  readonly isSampledExemplar: boolean;
  /** Number of storage spans created inside of it, and number left out. */
  #spans = 0;
  #omitted = 0;
  /** True while the span records. */
  isOpen = true;
  /** Numbers of cache lookups inside of it. */
  cacheHits = 0;
  cacheMisses = 0;
  readonly #totals = new Map<Summed, Totals>();
  // Cache of the last database: most spans use only one.
  #lastDatabase: Summed | undefined;
  #lastTotals: Totals | undefined;

  constructor(span: Span) {
    this.spanContext = span.spanContext();
    this.anchor = anchorOf(span);
    this.isSampledExemplar = isSampledExemplar(this.spanContext);
  }

  /** Returns the sums of the operations of a database. */
  totalsOf(database: Summed): Totals {
    if (database !== this.#lastDatabase) {
      this.#lastDatabase = database;
      this.#lastTotals = this.#totals.get(database) ?? new Totals();
      this.#totals.set(database, this.#lastTotals);
    }
    return this.#lastTotals!;
  }

  /** Returns the number of operations of the span so far. */
  get operations(): number {
    let sum = 0;
    for (const { operations } of this.#totals.values()) sum += operations;
    return sum;
  }

  /** True if the budget has a span left for an operation that is neither slow nor failed. */
  get isSpanLeft(): boolean {
    return this.#spans < spanPolicy.budget;
  }

  /**
   * Takes one storage span from the budget of the span.
   * @returns false if the budget is used up and the operation was neither slow nor failed; it is then counted as
   * omitted
   */
  takeSpan(nanoseconds: number, failure: string | undefined): boolean {
    if (this.isSpanLeft || failure !== undefined || nanoseconds >= spanPolicy.threshold) {
      this.#spans++;
      return true;
    }
    this.#omitted++;
    return false;
  }

  /** Returns the attributes of the span. */
  attributes(): Attributes {
    const all = new Totals();
    const byName = new Map<string, Totals>();
    for (const [{ attributes }, totals] of this.#totals) {
      const name = attributes[ATTR_DB_NAMESPACE];
      const sum = byName.get(name) ?? new Totals();
      byName.set(name, sum);
      for (const each of [all, sum]) each.merge(totals);
    }
    const attributes = all.describe(byName.size > 1 ? divided(byName) : {});
    if (this.#omitted > 0) attributes[ATTR_STORAGE_ROLLUP_OMITTED_SPANS] = this.#omitted;
    if (this.cacheHits > 0) attributes[ATTR_STORAGE_ROLLUP_CACHE_HITS] = this.cacheHits;
    if (this.cacheMisses > 0) attributes[ATTR_STORAGE_ROLLUP_CACHE_MISSES] = this.cacheMisses;
    return attributes;
  }
}

/** Returns the part of each of several databases in the sums, in the same order. */
function divided(byName: ReadonlyMap<string, Totals>): Attributes {
  const totals = [...byName.values()];
  return {
    [ATTR_STORAGE_ROLLUP_DATABASES]: [...byName.keys()],
    [ATTR_STORAGE_ROLLUP_DATABASE_OPERATIONS]: totals.map(({ operations }) => operations),
    [ATTR_STORAGE_ROLLUP_DATABASE_TIME]: totals.map(({ time }) => time),
  };
}

const rollups = new WeakMap<Span, Rollup>();

function rollupOf(span: Span): Rollup {
  let rollup = rollups.get(span);
  if (rollup === undefined) {
    rollup = new Rollup(span);
    rollups.set(span, rollup);
    closeAtEnd(span, rollup);
  }
  return rollup;
}

/** Sums up the operations while an activity's span is the active one on the span around the activity. */
export function sumUpAround(context: Context, rollup: Rollup): void {
  const span = trace.getSpan(context);
  if (span !== undefined && !rollups.has(span)) rollups.set(span, rollup);
}

/** Returns the number of storage operations so far while a span was the active one. */
export const operationsIn = (span: Span): number => rollups.get(span)?.operations ?? 0;

/**
 * Closes a rollup when its span ends. Replaces the span's own `end`, which works with spans of any SDK, however it was
 * set up.
 */
function closeAtEnd(span: Span, rollup: Rollup): void {
  const { end } = span;
  span.end = function endWithRollup(endTime) {
    span.end = end;
    rollup.isOpen = false;
    span.setAttributes(rollup.attributes());
    rollup.counts?.close(span);
    end.call(span, endTime);
  };
}

/** Number of recording spans of the watched provider that have not ended. */
let openSpans = 0;
/** Watched provider; undefined unless it is the one in use, as far as is known. */
let watched: TracerProvider | undefined;

/**
 * Span processor that counts the open spans of a provider. While none records, operations do not look up the context,
 * which is a tenth of their cost.
 */
export const spanWatch: SpanProcessor = {
  ...NOOP_PROCESSOR,
  onStart: () => void openSpans++,
  onEnd: () => void openSpans--,
};

/** Notes that the watched provider has been registered. The application may register another one later. */
export function relyOnSpanWatch(): void {
  watched = registered().trace;
}

const noSpanRecords = (): boolean => openSpans === 0 && watched !== undefined && registered().trace === watched;

// Cache of the last context: one request runs many operations in the same context.
let lastContext: Context | undefined;
let lastRollup: Rollup | null = null;

/** Returns the rollup of the active span if that span records, otherwise null. Allocates nothing if no span records. */
export function activeRollup(): Rollup | null {
  if (noSpanRecords()) return null;
  const active = activeContext();
  if (active !== lastContext) {
    const span = trace.getSpan(active);
    lastContext = active;
    lastRollup = span === undefined ? null : (rollups.get(span) ?? (span.isRecording() ? rollupOf(span) : null));
  }
  return lastRollup !== null && lastRollup.isOpen ? lastRollup : null;
}

/** Records a duration, as an exemplar if a sampled span records. */
export function recordWithin(rollup: Rollup | null, duration: HistogramSeries, nanoseconds: number): void {
  const bucket = duration.record(nanoseconds);
  if (rollup?.isSampledExemplar) duration.setExemplar(bucket, nanoseconds, rollup.spanContext);
}
