import { trace, type Context } from "@opentelemetry/api";
import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import { NOTHING_WAITS } from "../nothing-waits.ts";
import { areLoggersUsed } from "./loggers.ts";

/** Ancestors that are named; the nearest of them. */
const MOST = 8;

const NAMES = Symbol.for("stratascope.span_ancestors");

interface Named {
  readonly name?: unknown;
  [NAMES]?: readonly string[];
}

/** The names of the spans around a span, the outermost first. */
export const ancestorsOf = (span: object): readonly string[] => (span as Named)[NAMES] ?? [];

/**
 * Keeps the names of the spans around each span, where there are loggers to tell them. Names and not the spans, which
 * a chain of them that never ends would keep in memory.
 */
export const ancestry: SpanProcessor = {
  ...NOTHING_WAITS,
  onStart(span, parentContext: Context) {
    if (!areLoggersUsed()) return;
    const parent = trace.getSpan(parentContext) as Named | undefined;
    if (typeof parent?.name === "string")
      (span as Named)[NAMES] = [...ancestorsOf(parent).slice(1 - MOST), parent.name];
  },
  onEnd() {},
};
