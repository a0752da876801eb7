import {
  context,
  createContextKey,
  ROOT_CONTEXT,
  trace,
  type Attributes,
  type Context,
  type Link,
} from "@opentelemetry/api";
import type { ActivityKind } from "../../semconv/index.ts";
import { activeContext } from "../context/active.ts";
import { LongOpen } from "../insights/long-open.ts";
import { metricRegistry } from "../metrics/registry.ts";
import type { Definition } from "../metrics/definition.ts";
import type { SumSeries } from "../metrics/series.ts";
import { ActivitySeries, type Measured } from "../recording/activity-series.ts";
import type { Instance } from "../recording/instance.ts";
import { watchAge } from "../recording/open-ages.ts";
import { Boundary, OperationKind } from "../recording/operation-kind.ts";
import { openActivitySpan, openBackgroundSpan, spanAttributes } from "../recording/record-activity.ts";
import { contextIn } from "../recording/record-span.ts";
import { activeRollup, sumUpAround, type Rollup } from "../recording/rollup.ts";
import { Totals } from "../recording/rollup-totals.ts";
import type { OpenInterval, Scope } from "../recording/scope.ts";
import { now } from "../runtime/clock.ts";
import { spanPolicy } from "../spans/policy.ts";
import type { OpenSpan } from "../spans/writer.ts";
import { holdView, type View } from "./open-views.ts";

/** Options of an activity at its beginning. */
export interface ActivityOptions {
  /** Monotonic time of its beginning, if that was before: of one that is known only now to have begun. */
  readonly start?: bigint | undefined;
  /** Attributes of its span and its series, beside those of the instance. */
  readonly attributes?: Attributes;
  /** Context it runs in; the current one by default, or `none` for background work, whose span is a root. */
  readonly parent?: Context | "none";
  /** Spans that caused background work; by default the active one, if there is any. */
  readonly links?: readonly Link[];
  /** True if it holds a read view of the data for as long as it is open. */
  readonly holdsSnapshot?: boolean;
}

/** End of an activity. */
export interface ActivityEnd extends Measured {
  /** `error.type`, if it failed. */
  readonly failure?: string | undefined;
  /** Attributes that are known at its end only. */
  readonly attributes?: Attributes;
}

const IN_SCOPE = createContextKey("stratascope: activity");

/** Number of open activities whose age and snapshot are reported, and its limit: the application may never end them. */
let tracked = 0;
const MAX_TRACKED = 10_000;

/** Number of activities that have run application code in a context of theirs and not ended. */
let entered = 0;

/** Returns the activity of an instance that the current code runs in. */
export function activityIn(instance: Instance): Activity | undefined {
  if (entered === 0) return undefined;
  let activity = activeContext().getValue(IN_SCOPE) as Activity | undefined;
  while (activity !== undefined && (activity.instance !== instance || !activity.isOpen)) activity = activity.around;
  return activity;
}

/** Returns an activity, or the innermost one around it that is open. */
function openFrom(activity: Activity | undefined): Activity | undefined {
  let open = activity;
  while (open?.isOpen === false) open = open.around;
  return open;
}

const NO_INTERVAL: OpenInterval = { start: 0n, needsCallSite: false, used() {} };

/**
 * Interval of an instance that is open while other code runs: a transaction, a snapshot, a background compaction, a
 * batch, a job. Several can be open at once.
 */
export class Activity implements Scope {
  readonly instance: Instance;
  readonly start: bigint;
  readonly outer: Rollup | null;
  readonly totals = new Totals();
  readonly interval: OpenInterval;
  statements = 0;
  failure: string | undefined;
  isOpen = true;
  /** Activity that it runs inside of, which can be one of another instance. */
  around: Activity | undefined;
  readonly #kind: ActivityKind;
  readonly #attributes: Attributes;
  readonly #parent: Context;
  readonly #isTracked: boolean = tracked < MAX_TRACKED;
  readonly #view: View;
  readonly #self = new WeakRef(this);
  #longOpen: LongOpen | undefined;
  #leave: (() => void) | undefined;
  readonly #active: SumSeries | undefined;
  #span: OpenSpan | undefined;
  #inside: Context | undefined;
  #isEntered = false;
  #tasks: (() => void)[] | undefined;

  constructor(instance: Instance, kind: ActivityKind, options: ActivityOptions = {}) {
    const { attributes = {}, parent = contextIn(instance), links, start = now() } = options;
    this.instance = instance;
    this.start = start;
    this.#view = { start };
    this.#kind = kind;
    this.#attributes = attributes;
    this.#parent = parent === "none" ? ROOT_CONTEXT : parent;
    this.outer = parent === "none" ? this.#begin(links ?? activeLinks()) : this.#outerIn(parent);
    if (this.#isTracked) this.#track(options.holdsSnapshot === true);
    this.interval = this.#longOpen ?? NO_INTERVAL;
    this.#active = activeOf(instance, kind);
    this.#active?.add(1);
  }

  /** Time since which it holds a snapshot; undefined if it holds none. */
  get snapshotSince(): bigint | undefined {
    return this.#longOpen?.start;
  }

  /** Returns the context of spans inside it. */
  context(): Context {
    if (this.#canOpen()) {
      // A span that needs a parent is notable, and so is its activity.
      this.outer!.takeSpan(Infinity, undefined);
      this.#open();
    }
    return this.#span?.context ?? this.#parent;
  }

  /**
   * Returns a function that runs code of the application inside of the activity: operations of the instance in it, also
   * after an `await`, are counted on the activity, and spans are its children.
   */
  enter(): <T>(code: () => T) => T {
    this.#inside ??= this.#begun();
    const inside = this.#inside;
    // Not the code itself: a context manager may call it with a `this`.
    return (code) => context.with(inside, () => code());
  }

  /** Returns the context of the code that runs inside; after the end, without the activity. */
  #begun(): Context {
    const { outer } = this;
    if (this.#canOpen() && outer!.isSpanLeft) {
      outer!.takeSpan(0, undefined);
      this.#open();
    }
    const inside = this.#span?.context ?? this.#parent;
    if (!this.isOpen) return inside;
    if (this.#span !== undefined && outer !== null) sumUpAround(inside, outer);
    this.around = openFrom(this.#parent.getValue(IN_SCOPE) as Activity | undefined);
    entered++;
    this.#isEntered = true;
    return inside.setValue(IN_SCOPE, this);
  }

  /** Tells whether a span of its own may still begin. */
  #canOpen(): boolean {
    return this.isOpen && this.#span === undefined && this.outer !== null && spanPolicy.transactions;
  }

  later(task: () => void): void {
    (this.#tasks ??= []).push(task);
  }

  /** Ends it. A second call does nothing. */
  finish(end: ActivityEnd = {}): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    const nanoseconds = Number(now() - this.start);
    this.#active?.add(-1);
    if (this.#kind.oldestAge !== undefined) openOf(this.instance, this.#kind).delete(this.#view);
    if (this.#isTracked) {
      tracked--;
      this.instance.open.delete(this.#self);
    }
    if (this.#isEntered) entered--;
    // A chain of activities, each begun inside of the one before, must not keep those that have ended.
    this.around = openFrom(this.around);
    this.#leave?.();
    this.#longOpen?.end(nanoseconds);
    const attributes = { ...this.#attributes, ...end.attributes };
    new ActivitySeries(this.#kind, { ...this.instance.attributes, ...attributes }).record({
      ...end,
      nanoseconds,
      rollup: this.outer,
    });
    this.#recordSpan(nanoseconds, { ...end, attributes });
    for (const task of this.#tasks ?? []) task();
  }

  /** Ends it as its instance is closed. */
  abandon(): void {
    this.finish();
  }

  #recordSpan(nanoseconds: number, end: ActivityEnd): void {
    const { outer, totals } = this;
    const isRecorded = outer !== null && spanPolicy.layers && this.#span === undefined;
    if (isRecorded && outer.takeSpan(nanoseconds, end.failure)) this.#open();
    if (outer?.isOpen === true) outer.totalsOf(this.instance).merge(totals);
    if (this.#span !== undefined) {
      const attributes = spanAttributes(this.instance, this.#kind, end);
      if (this.statements > 0) totals.describe(attributes);
      this.#span.end({ nanoseconds, attributes, isFailed: end.failure !== undefined });
    }
  }

  /**
   * Begins the span of background work.
   * @returns its rollup, as there is no span around it; null if it does not record
   */
  #begin(links: readonly Link[]): Rollup | null {
    const place = { attributes: this.#attributes, start: this.start, links };
    this.#span = openBackgroundSpan(this.instance, this.#kind, place);
    return this.#span === undefined ? null : context.with(this.#span.context, activeRollup);
  }

  #open(): void {
    const place = { start: this.start, anchor: this.outer!.anchor, parent: this.#parent };
    this.#span = openActivitySpan(this.#kind, this.#all(), place);
  }

  /** Reports its age and its snapshot until it ends. */
  #track(holdsSnapshot: boolean): void {
    const { instance, start } = this;
    tracked++;
    instance.open.add(this.#self);
    if (this.#kind.oldestAge !== undefined) openOf(instance, this.#kind).add(this.#view);
    if (!holdsSnapshot) return;
    this.#longOpen = new LongOpen(instance, infoOf(this.#kind, this.#all()), start, false);
    this.#leave = holdView(instance, this.#view);
  }

  #all(): Attributes {
    return { ...this.instance.attributes, ...this.#attributes };
  }

  #outerIn(parent: Context): Rollup | null {
    return parent === activeContext() ? this.#rollupAround() : context.with(parent, () => this.#rollupAround());
  }

  /** Returns the rollup of the span it runs in: that of an activity around it, or of the active span. */
  #rollupAround(): Rollup | null {
    const around = this.instance.scope ?? activityIn(this.instance);
    return around === null || around === undefined ? activeRollup() : around.outer;
  }
}

/** Returns the number of open activities of a kind; undefined if it has none. */
const activeOf = ({ attributes }: Instance, { active }: ActivityKind): SumSeries | undefined =>
  active && (metricRegistry.instrument(active.metric as Definition).bind(attributes) as SumSeries);

/** Returns a link to the active span. */
function activeLinks(): Link[] {
  const context = trace.getSpanContext(activeContext());
  return context === undefined ? [] : [{ context }];
}

/** Open activities of a kind with an age, by instance; without what they keep alive, such as a request. */
const opened = new WeakMap<Instance, Map<ActivityKind, Set<View>>>();

function openOf(instance: Instance, kind: ActivityKind): Set<View> {
  let kinds = opened.get(instance);
  if (kinds === undefined) {
    kinds = new Map();
    opened.set(instance, kinds);
  }
  let all = kinds.get(kind);
  if (all === undefined) {
    all = new Set();
    kinds.set(kind, all);
    const open = all;
    const { attributes } = instance;
    instance.whenClosed(watchAge(kind, { attributes, since: () => open.values().next().value?.start }));
  }
  return all;
}

/** Describes an activity for the report that it has been open for long. */
const infoOf = ({ span }: ActivityKind, attributes: Attributes): LongOpen["info"] => {
  const name = span.name(attributes);
  return {
    kind: OperationKind.OTHER,
    boundary: Boundary.NONE,
    statements: 0,
    name: name.split(" ", 1)[0]!,
    summary: name,
  };
};
