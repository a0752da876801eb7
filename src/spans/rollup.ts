import {
  context,
  trace,
  TraceFlags,
  type Context,
  type ContextManager,
  type Span,
  type SpanContext,
} from "@opentelemetry/api";
import type { Anchor } from "../clock.ts";
import { attemptFinding } from "../findings/event.ts";
import { Repetitions } from "../findings/repetition.ts";
import { anchorOf } from "./anchor.ts";
import { spanPolicy } from "./policy.ts";
import { Totals } from "./totals.ts";

/** Sums the storage operations of one recording span, and writes them on it as attributes when it ends. */
export class Rollup {
  readonly totals: Totals = new Totals();
  readonly repetitions: Repetitions = new Repetitions();
  readonly spanContext: SpanContext;
  readonly anchor: Anchor;
  /** Whether its operations are exemplars of their histograms. */
  readonly isExemplary: boolean;
  /** Whether the span is still recording. */
  isOpen = true;

  constructor(span: Span) {
    this.spanContext = span.spanContext();
    this.anchor = anchorOf(span);
    this.isExemplary = spanPolicy.exemplars && (this.spanContext.traceFlags & TraceFlags.SAMPLED) !== 0;
  }
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

/** By the span's own `end`, so that it works with spans of any SDK, however that was set up. */
function closeAtEnd(span: Span, rollup: Rollup): void {
  const { end } = span;
  span.end = function endWithRollup(endTime) {
    span.end = end;
    rollup.isOpen = false;
    span.setAttributes(rollup.totals.attributes());
    attemptFinding(() => rollup.repetitions.close(span));
    end.call(span, endTime);
  };
}

let activeContext: () => Context = () => context.active();

/** Looks the active context up where it is kept, a third quicker than through the API. */
export function readContextFrom(manager: ContextManager): void {
  activeContext = () => manager.active();
}

// One request runs many operations in one context, so the last answer is nearly always the next.
let lastContext: Context | undefined;
let lastRollup: Rollup | null = null;

/** The rollup of the active span if that span records, otherwise null. Allocates nothing where none records. */
export function activeRollup(): Rollup | null {
  const active = activeContext();
  if (active !== lastContext) {
    const span = trace.getSpan(active);
    lastContext = active;
    lastRollup = span !== undefined && span.isRecording() ? rollupOf(span) : null;
  }
  return lastRollup !== null && lastRollup.isOpen ? lastRollup : null;
}
