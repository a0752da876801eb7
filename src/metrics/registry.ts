import { ATTR_STORAGE_DRIVER_NAME, METRIC_STORAGE_INSTRUMENTATION_ERRORS } from "../../semconv/index.ts";
import { countFailuresBy } from "../runtime/guard.ts";
import type { Attributes, HrTime } from "@opentelemetry/api";
import type { AttributesOf, MetricDefinition } from "../../semconv/index.ts";
import { anchorNow } from "../runtime/clock.ts";
import { pages } from "./thread-memory.ts";
import { GaugeSeries, SumSeries } from "./series.ts";
import { DatabaseLifetimes, type SeriesKeeper } from "./database-series.ts";
import type { Definition, InstrumentKind } from "./definition.ts";
import { DistributionSeries, distributionSize } from "./distribution.ts";
import { HistogramSeries, HistogramLayout, sizeOf } from "./histogram.ts";
import { PRIVATE, type Memory } from "./memory.ts";
import { share, SHARING, mergedNumbers, unshare, type Sharing } from "./merge.ts";
import type { SharedSeries } from "./shared-series.ts";

/** Series type of each instrument kind. */
interface SeriesOf {
  readonly counter: SumSeries;
  readonly updowncounter: SumSeries;
  readonly balance: SumSeries;
  readonly gauge: GaugeSeries;
  readonly reading: GaugeSeries;
  readonly histogram: HistogramSeries;
  readonly distribution: DistributionSeries;
}

export type Series<D extends Definition = Definition> = SeriesOf[D["instrument"]];

/** Factory of the series of an instrument. */
interface Form {
  /** Number of numbers that a series needs. */
  readonly size: number;
  readonly make: (attributes: Attributes, startTime: HrTime, numbers: Float64Array) => Series;
}

const sum = (): Form => ({ size: 1, make: (...parts) => new SumSeries(...parts) });
const gauge = (): Form => ({ size: 2, make: (...parts) => new GaugeSeries(...parts) });

const FORMS: Readonly<Record<InstrumentKind, (definition: Definition) => Form>> = {
  counter: sum,
  updowncounter: sum,
  balance: sum,
  gauge,
  reading: gauge,
  histogram({ unit, boundaries = [] }) {
    const layout = new HistogramLayout(unit, boundaries);
    return { size: sizeOf(layout), make: (...[a, s, numbers]) => new HistogramSeries(a, s, layout, numbers) };
  },
  distribution: ({ boundaries = [] }) => ({
    size: distributionSize(boundaries),
    make: (...[a, s, numbers]) => new DistributionSeries(a, s, boundaries, numbers),
  }),
};

/** Cardinality limit of an instrument, the overflow series included: OpenTelemetry's default. */
export const SERIES_LIMIT = 2000;

const OVERFLOW = "otel.metric.overflow";

/** Kinds that describe the present, which a closed database does not have. */
const CURRENT: ReadonlySet<InstrumentKind> = new Set<InstrumentKind>(["gauge", "reading", "updowncounter", "balance"]);

/** Attributes that a series can be bound to, with the type of each value. */
type AttributesFor<D extends Definition> = D extends MetricDefinition ? AttributesOf<D> : Attributes;

/**
 * Metric whose series are bound once and recorded into directly: the shape of the `bind` that OpenTelemetry's
 * specification drafts. A hundred times cheaper than an attribute set per record.
 */
export class Instrument<D extends Definition = Definition> implements SeriesKeeper {
  readonly definition: D;
  readonly isCurrent: boolean;
  /** True if series were hidden or deleted. */
  hasForgotten = false;
  readonly #sharing: Sharing;
  readonly #form: Form;
  readonly #limit: number;
  readonly #memory: Memory;
  readonly #lifetimes: DatabaseLifetimes | undefined;
  readonly #series = new Map<string, Series<D>>();
  /** Hidden series, which are collected again once they are used. */
  readonly #hidden = new Map<string, Series<D>>();

  // oxlint-disable-next-line max-params -- dependencies that all instruments of a process share
  constructor(definition: D, limit: number, memory: Memory, lifetimes?: DatabaseLifetimes) {
    this.definition = definition;
    this.isCurrent = CURRENT.has(definition.instrument) && definition.outlivesDatabase !== true;
    this.#lifetimes = lifetimes;
    this.#sharing = SHARING[definition.instrument];
    this.#form = FORMS[definition.instrument](definition);
    this.#limit = limit;
    this.#memory = memory;
  }

  /** Returns the series with these attributes; beyond the cardinality limit, the overflow series. */
  bind(attributes: AttributesFor<D>): Series<D> {
    const set = attributes as Attributes;
    const names = this.definition.attributes ?? Object.keys(set).sort();
    const defined = names.filter((name) => set[name] !== undefined).map((name) => [name, set[name]!] as const);
    const key = JSON.stringify(defined);
    const known = this.#series.get(key) ?? this.#shown(key);
    if (known !== undefined) return known;
    return this.#series.size < this.#limit - 1 ? this.#add(key, Object.fromEntries(defined)) : this.#overflow();
  }

  series(): Iterable<Series<D>> {
    return this.#series.values();
  }

  /** Returns the total of all threads for a series. The result must not be written to. */
  mergedNumbers(series: SharedSeries): Float64Array {
    return mergedNumbers(series, this.#sharing);
  }

  /**
   * Attaches a series of another thread.
   * @returns a function to be called when that thread has ended
   */
  share(attributes: Attributes, startTime: HrTime, numbers: Float64Array): () => void {
    const series = OVERFLOW in attributes ? this.#overflow() : this.bind(attributes as AttributesFor<D>);
    share(series, numbers, startTime);
    this.#lifetimes?.shared(series.attributes);
    return () => unshare(series, numbers, this.#sharing);
  }

  isShared(key: string): boolean {
    return (this.#series.get(key)?.others?.size ?? 0) > 0;
  }

  hide(key: string): void {
    const series = this.#series.get(key);
    if (series === undefined) return;
    this.#series.delete(key);
    this.#hidden.set(key, series);
    this.hasForgotten = true;
  }

  show(key: string): void {
    this.#shown(key);
  }

  /** Hides a series that has no value now, until it is bound again; not while another thread records into it. */
  unset(series: Series<D>): void {
    const key = JSON.stringify(Object.entries(series.attributes));
    if (!this.isShared(key)) this.hide(key);
  }

  drop(key: string): void {
    this.#series.delete(key);
    this.#hidden.delete(key);
    this.hasForgotten = true;
  }

  fold(key: string): void {
    const series = this.#series.get(key);
    const isEmpty = series === undefined || this.isCurrent || series.numbers.every((number) => number === 0);
    if (!isEmpty) this.#sharing.merge(this.#overflow().numbers, series.numbers);
    this.drop(key);
  }

  #shown(key: string): Series<D> | undefined {
    const series = this.#hidden.get(key);
    if (series === undefined) return undefined;
    this.#hidden.delete(key);
    this.#series.set(key, series);
    return series;
  }

  #overflow(): Series<D> {
    const key = "overflow";
    return this.#series.get(key) ?? this.#add(key, { [OVERFLOW]: true });
  }

  #add(key: string, attributes: Attributes): Series<D> {
    const startTime = anchorNow().wall;
    const numbers = this.#memory.allocate(this.#form.size, { definition: this.definition, attributes, startTime });
    const series = this.#form.make(attributes, startTime, numbers) as Series<D>;
    this.#series.set(key, series);
    this.#lifetimes?.add(attributes, this, key);
    return series;
  }
}

/** Callback that updates polled values; called before each collection. */
export type Poll = () => void;

/** Other threads of the process. */
export interface OtherThreads {
  /** Requests that they update polled values. Resolves when they have done so, or are too busy. */
  poll(): Promise<void>;
  /** Ends all waiting for other threads, as the process ends. */
  hurry(): void;
  /** Attaches the series that they have begun to record, and releases threads that have ended. */
  update(): void;
}

/** Instruments of a process, and the callbacks that update them before they are read. */
export class MetricRegistry {
  otherThreads: OtherThreads | undefined;
  readonly #instruments = new Map<string, Instrument>();
  readonly #polls = new Set<Poll>();
  readonly #limit: number;
  readonly #memory: Memory;
  /** Undefined in a worker, which keeps its series: memory shared between threads is not freed. */
  readonly lifetimes: DatabaseLifetimes | undefined;

  constructor(limit: number = SERIES_LIMIT, memory: Memory = PRIVATE, lifetimes = new DatabaseLifetimes()) {
    this.#limit = limit;
    this.#memory = memory;
    this.lifetimes = memory === PRIVATE ? lifetimes : undefined;
  }

  /** Returns the instrument of a definition; the same one for each call. */
  instrument<D extends Definition>(definition: D): Instrument<D> {
    const { name, instrument: kind, unit, scope } = definition;
    const key = scope === undefined ? name : JSON.stringify([name, kind, unit, scope]);
    let instrument = this.#instruments.get(key);
    if (instrument === undefined) {
      instrument = new Instrument<Definition>(definition, this.#limit, this.#memory, this.lifetimes);
      this.#instruments.set(key, instrument);
    }
    return instrument as unknown as Instrument<D>;
  }

  onCollect(poll: Poll): void {
    this.#polls.add(poll);
  }

  /**
   * Updates everything that this thread can update at once.
   * @returns the errors of the callbacks
   */
  poll(): unknown[] {
    this.otherThreads?.update();
    const errors: unknown[] = [];
    for (const poll of this.#polls) {
      try {
        poll();
      } catch (error) {
        errors.push(error);
      }
    }
    return errors;
  }

  instruments(): Iterable<Instrument> {
    return this.#instruments.values();
  }
}

/** Metrics of this process. */
export const metricRegistry: MetricRegistry = new MetricRegistry(SERIES_LIMIT, pages);

const errors = metricRegistry.instrument(METRIC_STORAGE_INSTRUMENTATION_ERRORS);

countFailuresBy((part, failures) => errors.bind({ [ATTR_STORAGE_DRIVER_NAME]: part }).add(failures));
