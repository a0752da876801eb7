import { trace, type Context } from "@opentelemetry/api";
import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import { NOOP_PROCESSOR } from "../runtime/noop-processor.ts";
import { areLoggersUsed } from "./loggers.ts";

/** Maximum number of ancestors that are named, the nearest ones. */
const MAX_ANCESTORS = 8;

/** Global symbol shared by all copies of this package. */
const SHARED = Symbol.for("stratascope.span_ancestors");

const names: WeakMap<object, readonly string[]> = ((globalThis as { [SHARED]?: WeakMap<object, readonly string[]> })[
  SHARED
] ??= new WeakMap());

/** Returns the names of a span's ancestors, outermost first. */
export const ancestorsOf = (span: object): readonly string[] => names.get(span) ?? [];

/**
 * Span processor that stores the names of the ancestors of each span, if there are loggers that use them. It stores
 * names, not spans: an endless chain of spans would stay in memory.
 */
export const ancestry: SpanProcessor = {
  ...NOOP_PROCESSOR,
  onStart(span, parentContext: Context) {
    if (!areLoggersUsed()) return;
    const parent = trace.getSpan(parentContext) as { readonly name?: unknown } | undefined;
    if (typeof parent?.name === "string")
      names.set(span, [...ancestorsOf(parent).slice(1 - MAX_ANCESTORS), parent.name]);
  },
  onEnd() {},
};
