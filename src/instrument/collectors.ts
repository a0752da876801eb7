import {
  ATTR_DB_SYSTEM_NAME,
  ATTR_STORAGE_COLLECTOR_NAME,
  METRIC_STORAGE_COLLECTOR_ERRORS,
  METRIC_STORAGE_COLLECTOR_TIME,
  type MetricDefinition,
} from "../../semconv/index.ts";
import type { Attributes } from "@opentelemetry/api";
import { types } from "node:util";
import type { Definition } from "../metrics/definition.ts";
import { metricRegistry, type Instrument } from "../metrics/registry.ts";
import { GaugeSeries, SumSeries } from "../metrics/series.ts";
import { nameOf, type Identity, type Instance } from "../recording/instance.ts";
import { now } from "../runtime/clock.ts";
import { failureOf } from "../runtime/failure.ts";
import { Guard } from "../runtime/guard.ts";
import { isUncaught } from "../runtime/uncaught.ts";
import { warnOnce } from "../runtime/self-log.ts";

const guard = new Guard("collectors");

const times = metricRegistry.instrument(METRIC_STORAGE_COLLECTOR_TIME);
const errors = metricRegistry.instrument(METRIC_STORAGE_COLLECTOR_ERRORS);

/** Reports a value of this moment; `attributes` are those beside the instance's. */
export type SetValue = (metric: MetricDefinition, value: number, attributes?: Attributes) => void;

/** Polled values of an instance. */
export interface Collector {
  /** Name in the metrics of the collectors themselves, such as `levels`. */
  readonly name: string;
  /** The gauges and up-down counters it sets. */
  readonly metrics: readonly MetricDefinition[];
  /** Milliseconds between two polls, for values that cost much; every collection by default. */
  readonly minIntervalMs?: number;
  /**
   * Reads the values. What it does not set has no value any more.
   * @throws whatever the engine throws: the values are then absent, and the error is counted
   */
  collect(set: SetValue): void | Promise<void>;
}

/** Milliseconds after which an asynchronous poll is given up. */
const TIMEOUT_MS = 10_000;

/** Maximum series that one collector sets; further ones are left out. */
const MAX_SERIES = 1_000;

/** Value of a poll. */
interface Value {
  readonly instrument: Instrument;
  readonly series: GaugeSeries | SumSeries;
  readonly value: number;
  /** The name it is shown under, such as `storage.level.size{storage.level.number=0}`. */
  readonly name: string;
}

/** Claim by which one thread reports what all threads see. */
export interface ReportingClaim {
  /** Tells whether this thread reports, and does so through this collector of this instance. */
  isOurs(collector: string, instance: object): boolean;
}

/** Collector of one open instance. */
export class Polled {
  readonly #instance: Instance<Identity>;
  readonly #collector: Collector;
  readonly #claim: ReportingClaim | undefined;
  readonly #identity: Attributes;
  #values: readonly Value[] = [];
  #polledAt: bigint | undefined;
  #isPending = false;
  #isClosed = false;

  /** @param claim the claim of this thread to report; undefined if each thread has data of its own */
  constructor(instance: Instance<Identity>, collector: Collector, claim: ReportingClaim | undefined) {
    this.#instance = instance;
    this.#collector = collector;
    this.#claim = claim;
    this.#identity = {
      [ATTR_DB_SYSTEM_NAME]: instance.attributes[ATTR_DB_SYSTEM_NAME],
      [ATTR_STORAGE_COLLECTOR_NAME]: collector.name,
    };
    times.bind(this.#identity);
    errors.bind(this.#identity);
    all.add(this);
  }

  poll(): void {
    // The values of the last poll stay.
    if (this.#isPending || isUncaught() || !this.#isDue()) return;
    this.#polledAt = now();
    const values: Value[] = [];
    const set: SetValue = (metric, value, attributes) => this.#note(values, metric, value, attributes);
    try {
      if (this.#claim?.isOurs(this.#collector.name, this.#instance) === false) return this.#replace([]);
      const pending = this.#collector.collect(set);
      this.#spent();
      if (types.isPromise(pending)) this.#await(pending, values);
      else this.#replace(values);
    } catch (error) {
      this.#failed(error);
    }
  }

  get attributes(): Identity {
    return this.#instance.attributes;
  }

  /** Returns the values of the last poll, by name. */
  values(): (readonly [name: string, value: number])[] {
    return this.#values.map(({ name, value }) => [name, value]);
  }

  /** Ends the polling, and the values. */
  close(): void {
    this.#isClosed = true;
    all.delete(this);
    this.#replace([]);
  }

  #isDue(): boolean {
    const { minIntervalMs = 0 } = this.#collector;
    return this.#polledAt === undefined || Number(now() - this.#polledAt) >= minIntervalMs * 1e6;
  }

  /** Awaits a poll. One that is given up stays pending: another would wait beside it, and more with each collection. */
  #await(pending: Promise<unknown>, values: readonly Value[]): void {
    this.#isPending = true;
    let isGivenUp = false;
    const timeout = setTimeout(
      guard.callback(() => {
        isGivenUp = true;
        this.#failed(new Error(`no values within ${TIMEOUT_MS} ms`));
      }),
      TIMEOUT_MS,
    ).unref();
    const ended = (settle: () => void): void => {
      this.#isPending = false;
      clearTimeout(timeout);
      if (!isGivenUp) guard.attempt(settle);
    };
    guard.watch(
      pending.then(
        () => ended(() => this.#replace(values)),
        (error: unknown) => ended(() => this.#failed(error)),
      ),
    );
  }

  #note(values: Value[], metric: MetricDefinition, value: number, attributes: Attributes | undefined): void {
    if (!this.#collector.metrics.includes(metric))
      throw new TypeError(`collector "${this.#collector.name}" does not name the metric ${metric.name}`);
    if (!Number.isFinite(value) || values.length >= MAX_SERIES) return;
    const instrument = metricRegistry.instrument(metric as Definition);
    const series = instrument.bind({ ...this.#instance.attributes, ...attributes });
    if (series instanceof GaugeSeries || series instanceof SumSeries)
      values.push({ instrument, series, value, name: shown(metric, attributes) });
  }

  /** Replaces the values of the last poll. Those of several instances with the same attributes are added. */
  #replace(set: readonly Value[]): void {
    // A copy: the collector may set values after its end.
    const values = this.#isClosed ? [] : [...set];
    const before = this.#values;
    for (const { series, value } of values) {
      if (series instanceof SumSeries) addend(series, value, 1);
      else {
        series.set(value);
        setters.set(series, this);
      }
    }
    const isKept = new Set(values.map(({ series }) => series));
    for (const { instrument, series, value } of before) {
      if (series instanceof SumSeries) {
        if (addend(series, -value, -1) === 0) instrument.unset(series);
      } else if (!isKept.has(series) && setters.get(series) === this) series.numbers[0] = NaN;
    }
    this.#values = values;
  }

  #spent(): void {
    times.bind(this.#identity).add(Number(now() - this.#polledAt!) / 1e9);
  }

  #failed(error: unknown): void {
    // An engine may fail to answer because it is closed.
    if (this.#isClosed) return;
    errors.bind(this.#identity).add(1);
    this.#replace([]);
    warnOnce(
      `the collector "${this.#collector.name}" of ${nameOf(this.#instance.attributes)} fails, and its metrics are absent: ${failureOf(error).text()}`,
    );
  }
}

/** Returns the name of a value with what distinguishes it within its instance. */
function shown({ name }: MetricDefinition, attributes: Attributes = {}): string {
  const pairs = Object.entries(attributes).map(([key, value]) => `${key}=${String(value)}`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(",")}}`;
}

const all = new Set<Polled>();

/** Collectors that set the gauges last: instances with the same attributes share them. */
const setters = new WeakMap<GaugeSeries, Polled>();

/** Numbers of values that each sum is made of. */
const addends = new WeakMap<SumSeries, number>();

/** Adds a value to a sum, or takes it away. @returns the number of values that the sum is made of now */
function addend(series: SumSeries, value: number, change: 1 | -1): number {
  const count = (addends.get(series) ?? 0) + change;
  addends.set(series, count);
  series.add(value);
  return count;
}

/** Values of an instance when it was last polled. */
export interface InstanceValues {
  readonly attributes: Identity;
  readonly values: Readonly<Record<string, number>>;
}

/** Returns the values of each open instance, polled now as far as they are due. */
export function polledValues(): InstanceValues[] {
  const found = new Map<string, { attributes: Identity; values: Record<string, number> }>();
  for (const polled of all) {
    guard.attempt(() => polled.poll());
    const key = JSON.stringify(polled.attributes);
    const entry = found.get(key) ?? { attributes: polled.attributes, values: {} };
    found.set(key, entry);
    Object.assign(entry.values, Object.fromEntries(polled.values()));
  }
  return [...found.values()];
}

metricRegistry.onCollect(() => {
  for (const polled of all) guard.attempt(() => polled.poll());
});
