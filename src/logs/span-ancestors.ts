import { trace, type Context } from "@opentelemetry/api";
import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import { NOOP_PROCESSOR } from "../runtime/noop-processor.ts";
import { areLoggersUsed } from "./loggers.ts";

/** Ancestors that are named; the nearest of them. */
const MOST = 8;

/** The same in every copy of this package. */
const SHARED = Symbol.for("stratascope.span_ancestors");

const names: WeakMap<object, readonly string[]> = ((globalThis as { [SHARED]?: WeakMap<object, readonly string[]> })[
  SHARED
] ??= new WeakMap());

/** Finds the names of the spans around a span, the outermost first. */
export const ancestorsOf = (span: object): readonly string[] => names.get(span) ?? [];

/**
 * Keeps the names of the spans around each span, where there are loggers to tell them. Names and not the spans, which
 * a chain of them that never ends would keep in memory.
 */
export const ancestry: SpanProcessor = {
  ...NOOP_PROCESSOR,
  onStart(span, parentContext: Context) {
    if (!areLoggersUsed()) return;
    const parent = trace.getSpan(parentContext) as { readonly name?: unknown } | undefined;
    if (typeof parent?.name === "string") names.set(span, [...ancestorsOf(parent).slice(1 - MOST), parent.name]);
  },
  onEnd() {},
};
