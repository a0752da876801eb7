import { ROOT_CONTEXT, trace, type Attributes, type Context, type Link } from "@opentelemetry/api";
import { ATTR_ERROR_TYPE, type ActivityKind } from "../../semconv/index.ts";
import { anchorNow, now, type Anchor } from "../runtime/clock.ts";
import { rateLimitOf } from "../runtime/rate-limit.ts";
import { inBackground } from "../spans/sampler.ts";
import { spanKindOf } from "../spans/kind.ts";
import { spanPolicy } from "../spans/policy.ts";
import { openSpan, type OpenSpan } from "../spans/writer.ts";
import { ActivitySeries, type Measured, type MeasuredRun } from "./activity-series.ts";
import type { Identity, Instance } from "./instance.ts";
import { contextIn } from "./record-span.ts";

/** Finished run of an activity. */
export interface ActivityRun extends MeasuredRun {
  readonly start: bigint;
  /** Attributes of its span and its series, beside those of the instance. */
  readonly attributes?: Attributes;
  /** Context of the run, if it differs from the current one. */
  readonly parent?: Context | undefined;
}

/** Records a run of an activity in the metrics of its kind, and creates its span if one records. */
export function recordActivity(instance: Instance<Identity>, kind: ActivityKind, run: ActivityRun): void {
  new ActivitySeries(kind, { ...instance.attributes, ...run.attributes }).record(run);
  recordActivitySpan(instance, kind, run);
}

/** Creates the span of a run, with its actual start and end, if a span records around it. */
export function recordActivitySpan(instance: Instance<Identity>, kind: ActivityKind, run: ActivityRun): void {
  const { start, nanoseconds, failure, rollup } = run;
  if (rollup === null || !spanPolicy.layers || !rollup.takeSpan(nanoseconds, failure)) return;
  const parent = run.parent ?? contextIn(instance);
  const span = openActivitySpan(
    kind,
    { ...instance.attributes, ...run.attributes },
    { start, anchor: rollup.anchor, parent },
  );
  span.end({ nanoseconds, attributes: spanAttributes(instance, kind, run), isFailed: failure !== undefined });
}

/** Place of a span in time and in its trace. */
interface SpanPlace {
  readonly start: bigint;
  readonly anchor: Anchor;
  readonly parent: Context;
  readonly links?: readonly Link[] | undefined;
}

/** Begins the span of an activity. */
export function openActivitySpan({ span }: ActivityKind, attributes: Attributes, place: SpanPlace): OpenSpan {
  return openSpan({ name: span.name(attributes), kind: spanKindOf(span), ...place });
}

/** Returns the attributes of a span: those given, and what its kind measures. */
export function spanAttributes(
  instance: Instance<Identity>,
  { items: itemsOf, bytes: bytesOf }: ActivityKind,
  { attributes: given = {}, items, bytes, failure }: Pick<ActivityRun, "attributes" | "items" | "bytes" | "failure">,
): Attributes {
  const attributes: Attributes = { ...instance.attributes };
  for (const [key, value] of Object.entries(given)) if (value !== undefined) attributes[key] = value;
  if (itemsOf?.attribute !== undefined && items !== undefined) attributes[itemsOf.attribute] = items;
  if (bytesOf?.attribute !== undefined && bytes !== undefined) attributes[bytesOf.attribute] = bytes;
  if (failure !== undefined) attributes[ATTR_ERROR_TYPE] = failure;
  return attributes;
}

/** Maximum spans of one kind of background work of an instance in a minute. */
const BACKGROUND_SPANS_A_MINUTE = 60;

/**
 * Begins the span of work without a caller, such as a compaction: a root, with links to what caused it.
 * @returns undefined if no span is to be created: they are disabled, or there were too many in this minute
 */
export function openBackgroundSpan(
  instance: Instance,
  kind: ActivityKind,
  {
    attributes,
    start = now(),
    anchor = anchorNow(),
    links,
  }: { attributes: Attributes } & Partial<Omit<SpanPlace, "parent">>,
): OpenSpan | undefined {
  if (!spanPolicy.layers) return undefined;
  if (rateLimitOf(instance, kind, BACKGROUND_SPANS_A_MINUTE).tryAcquire(now()) === undefined) return undefined;
  const parent = inBackground(ROOT_CONTEXT);
  return openActivitySpan(kind, { ...instance.attributes, ...attributes }, { start, anchor, parent, links });
}

/** Activity that was learned of after its end. */
export interface BackgroundRun extends Measured {
  readonly startUnixNanos: bigint;
  readonly endUnixNanos: bigint;
  readonly failure?: string | undefined;
  readonly attributes?: Attributes;
  /** Context in which it was caused. */
  readonly cause?: Context | undefined;
}

const SECOND = 1_000_000_000n;

/** Records an activity without a caller, with its actual start and end, and its span as the root of a trace. */
export function recordBackground(instance: Instance, kind: ActivityKind, run: BackgroundRun): void {
  const { startUnixNanos, endUnixNanos, failure, attributes = {}, cause } = run;
  const nanoseconds = Math.max(0, Number(endUnixNanos - startUnixNanos));
  const end = Number(endUnixNanos / 1_000_000n);
  new ActivitySeries(kind, { ...instance.attributes, ...attributes }).record({
    ...run,
    nanoseconds,
    rollup: null,
    end,
  });
  const causing = cause && trace.getSpanContext(cause);
  const anchor: Anchor = { monotonic: 0n, wall: [Number(startUnixNanos / SECOND), Number(startUnixNanos % SECOND)] };
  openBackgroundSpan(instance, kind, { attributes, start: 0n, anchor, links: causing && [{ context: causing }] })?.end({
    nanoseconds,
    attributes: spanAttributes(instance, kind, run),
    isFailed: failure !== undefined,
  });
}
