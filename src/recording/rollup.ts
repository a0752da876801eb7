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
  ATTR_STORAGE_ROLLUP_DATABASE_OPERATIONS,
  ATTR_STORAGE_ROLLUP_DATABASE_TIME,
  ATTR_STORAGE_ROLLUP_DATABASES,
  ATTR_STORAGE_ROLLUP_OMITTED_SPANS,
} from "../../semconv/index.ts";
import type { Anchor } from "../runtime/clock.ts";
import type { HistogramCell } from "../metrics/histogram.ts";
import { NOOP_PROCESSOR } from "../runtime/noop-processor.ts";
import { activeContext, registered } from "../context/active.ts";
import { anchorOf } from "../spans/span-clock.ts";
import { spanPolicy } from "../spans/policy.ts";
import { Totals } from "./rollup-totals.ts";

/** Whether what happens in a span is an exemplar of its histograms. */
export const isSampledExemplar = ({ traceFlags }: SpanContext): boolean =>
  spanPolicy.exemplars && (traceFlags & TraceFlags.SAMPLED) !== 0;

/** Has its operations summed up. */
export interface Summed {
  readonly attributes: { readonly [ATTR_DB_NAMESPACE]: string };
}

/** What is counted of the operations of a span beside their sums. Never throws. */
export interface SpanCounts {
  /** The span ends. */
  close(span: Span): void;
}

/** Sums the storage operations of one recording span, and writes them on it as attributes when it ends. */
export class Rollup {
  /** Set by what counts more of its operations. */
  counts: SpanCounts | null = null;
  readonly spanContext: SpanContext;
  readonly anchor: Anchor;
  /** Whether its operations are exemplars of their histograms. */
  readonly isSampledExemplar: boolean;
  /** Storage spans made inside of it, and those left out. */
  #spans = 0;
  #omitted = 0;
  /** Whether the span is still recording. */
  isOpen = true;
  readonly #totals = new Map<Summed, Totals>();
  // Most spans use one database, so the last answer is nearly always the next.
  #lastDatabase: Summed | undefined;
  #lastTotals: Totals | undefined;

  constructor(span: Span) {
    this.spanContext = span.spanContext();
    this.anchor = anchorOf(span);
    this.isSampledExemplar = isSampledExemplar(this.spanContext);
  }

  /** Where the operations of a database are summed up. */
  totalsOf(database: Summed): Totals {
    if (database !== this.#lastDatabase) {
      this.#lastDatabase = database;
      this.#lastTotals = this.#totals.get(database) ?? new Totals();
      this.#totals.set(database, this.#lastTotals);
    }
    return this.#lastTotals!;
  }

  /** Operations of the span so far. */
  get operations(): number {
    let sum = 0;
    for (const { operations } of this.#totals.values()) sum += operations;
    return sum;
  }

  /**
   * Takes one of the storage spans that the span may have inside of it.
   * @returns false where there are none left, and what the span would be of was neither slow nor failed: then it is counted
   */
  takeSpan(nanoseconds: number, failure: string | undefined): boolean {
    if (this.#spans < spanPolicy.budget || failure !== undefined || nanoseconds >= spanPolicy.threshold) {
      this.#spans++;
      return true;
    }
    this.#omitted++;
    return false;
  }

  /** The attributes of the span. */
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
    return attributes;
  }
}

/** What each of several databases has of the sums, in the same order. */
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

/** How many storage operations were performed while a span was the active one, so far. */
export const operationsIn = (span: Span): number => rollups.get(span)?.operations ?? 0;

/** By the span's own `end`, so that it works with spans of any SDK, however that was set up. */
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

/** Recording spans of the provider that is watched which have not ended. */
let openSpans = 0;
/** Set while it is the one in use, as far as is known. */
let watched: TracerProvider | undefined;

/** Sees the spans of a provider: while none records, operations need not ask for the context, which is a tenth of what they cost. */
export const spanWatch: SpanProcessor = {
  ...NOOP_PROCESSOR,
  onStart: () => void openSpans++,
  onEnd: () => void openSpans--,
};

/** The provider that is watched has been registered; the application may register another one later on. */
export function relyOnSpanWatch(): void {
  watched = registered().trace;
}

const noSpanRecords = (): boolean => openSpans === 0 && watched !== undefined && registered().trace === watched;

// One request runs many operations in one context, so the last answer is nearly always the next.
let lastContext: Context | undefined;
let lastRollup: Rollup | null = null;

/** The rollup of the active span if that span records, otherwise null. Allocates nothing where none records. */
export function activeRollup(): Rollup | null {
  if (noSpanRecords()) return null;
  const active = activeContext();
  if (active !== lastContext) {
    const span = trace.getSpan(active);
    lastContext = active;
    lastRollup = span !== undefined && span.isRecording() ? rollupOf(span) : null;
  }
  return lastRollup !== null && lastRollup.isOpen ? lastRollup : null;
}

/** The rollup of what happens in a database at this moment: a transaction stays with the span it was begun in. */
export const rollupAround = ({
  enclosing,
}: {
  readonly enclosing: { readonly outer: Rollup | null } | null;
}): Rollup | null => (enclosing === null ? activeRollup() : enclosing.outer);

/** Counts a duration; where a sampled span records, it is an exemplar. */
export function recordWithin(rollup: Rollup | null, duration: HistogramCell, nanoseconds: number): void {
  const bucket = duration.record(nanoseconds);
  if (rollup?.isSampledExemplar) duration.setExemplar(bucket, nanoseconds, rollup.spanContext);
}
