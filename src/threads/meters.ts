import {
  diag,
  ValueType,
  type Attributes,
  type BatchObservableCallback,
  type Counter,
  type Gauge,
  type Histogram,
  type Meter,
  type MeterOptions,
  type MeterProvider,
  type MetricOptions,
  type Observable,
  type UpDownCounter,
} from "@opentelemetry/api";
import { ATTR_THREAD_NAME } from "../../semconv/index.ts";
import type { GaugeSeries, SumSeries } from "../metrics/series.ts";
import type { Definition, InstrumentKind } from "../metrics/definition.ts";
import { metricRegistry, type Series, type MetricRegistry, type Instrument } from "../metrics/registry.ts";
import { instrumentName, instrumentOptions, saneScope } from "../input/odd-names.ts";
import { saneAttributes } from "../input/odd-values.ts";
import { isMeasured } from "../input/odd-values.ts";
import { guard } from "./attempt.ts";
import { Callbacks, Observed } from "./observable-callbacks.ts";

/** Default bucket boundaries of the SDK's histograms. */
const BOUNDARIES = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000];

/** Definition of a given kind, which determines the type of its cells. */
type Of<K extends InstrumentKind> = Definition & { readonly instrument: K };

type Make = <K extends InstrumentKind>(definition: Of<K>) => Instrument<Of<K>>;

type Measure<K extends InstrumentKind> = (
  value: number,
  attributes: Attributes | undefined,
  use: (series: Series<Of<K>>, value: number) => void,
) => void;

/**
 * Meter provider of a worker: the application's metrics are recorded in series that the main thread merges, like ours.
 * They have the name of the worker as an attribute, as the main thread may have series of the same instrument.
 */
export class WorkerMeterProvider implements MeterProvider {
  readonly #thread: string;
  readonly #metrics: MetricRegistry;
  readonly #callbacks = new Callbacks();

  /** @param thread the name of the worker */
  constructor(thread: string, metrics: MetricRegistry = metricRegistry) {
    this.#thread = thread;
    this.#metrics = metrics;
    metrics.onCollect(() => this.#callbacks.runAll());
  }

  getMeter(...asked: [name: string, version?: string, options?: MeterOptions]): Meter {
    const [name, version, options] = saneScope<MeterOptions>(asked);
    const scope = { name, ...(version && { version }), ...(options?.schemaUrl && { schemaUrl: options.schemaUrl }) };
    const make: Make = (definition) => this.#metrics.instrument({ ...definition, scope });
    return new WorkerMeter(make, this.#thread, this.#callbacks);
  }
}

const add = (series: SumSeries, value: number): void => series.add(value);
const set = (series: GaugeSeries, value: number): void => series.set(value);
const setSum = (series: SumSeries, value: number): void => {
  series.value = value;
};

class WorkerMeter implements Meter {
  readonly #make: Make;
  readonly #thread: string;
  readonly #callbacks: Callbacks;

  constructor(make: Make, thread: string, callbacks: Callbacks) {
    this.#make = make;
    this.#thread = thread;
    this.#callbacks = callbacks;
  }

  createCounter(name: string, options?: MetricOptions): Counter {
    const measure = this.#measuring("counter", name, options, 0);
    return { add: (value, attributes) => measure(value, attributes, add) };
  }

  createUpDownCounter(name: string, options?: MetricOptions): UpDownCounter {
    const measure = this.#measuring("balance", name, options);
    return { add: (value, attributes) => measure(value, attributes, add) };
  }

  createGauge(name: string, options?: MetricOptions): Gauge {
    const measure = this.#measuring("reading", name, options);
    return { record: (value, attributes) => measure(value, attributes, set) };
  }

  createHistogram(name: string, options?: MetricOptions): Histogram {
    const measure = this.#measuring("distribution", name, options, 0);
    return { record: (value, attributes) => measure(value, attributes, (series, number) => series.record(number)) };
  }

  createObservableCounter(name: string, options?: MetricOptions): Observable {
    const measure = this.#measuring("counter", name, options);
    return new Observed((value, attributes) => measure(value, attributes, setSum), this.#callbacks);
  }

  createObservableUpDownCounter(name: string, options?: MetricOptions): Observable {
    const measure = this.#measuring("updowncounter", name, options);
    return new Observed((value, attributes) => measure(value, attributes, setSum), this.#callbacks);
  }

  createObservableGauge(name: string, options?: MetricOptions): Observable {
    const measure = this.#measuring("reading", name, options);
    return new Observed((value, attributes) => measure(value, attributes, set), this.#callbacks);
  }

  addBatchObservableCallback(callback: BatchObservableCallback, observables: Observable[]): void {
    const about = new Set(observables);
    const observe = (observable: Observable, value: number, attributes?: Attributes): void => {
      if (about.has(observable) && observable instanceof Observed) observable.observe(value, attributes);
    };
    this.#callbacks.add({ callback, about, run: () => callback({ observe }) });
  }

  removeBatchObservableCallback(callback: BatchObservableCallback, observables: Observable[]): void {
    this.#callbacks.remove({ callback, about: new Set(observables) });
  }

  /**
   * Creates an instrument.
   * @param least the smallest value the instrument accepts
   */
  // oxlint-disable-next-line max-params -- the last one is for two of seven
  #measuring<K extends InstrumentKind>(
    kind: K,
    givenName: string,
    options: MetricOptions | undefined,
    least = -Infinity,
  ): Measure<K> {
    const name = instrumentName(givenName);
    const sane = guard.attempt(() => instrumentOptions(options)) ?? {};
    const { description = "", unit = "", valueType = ValueType.DOUBLE, advice } = sane;
    const instrument = this.#make<K>({
      name,
      description,
      unit,
      valueType: valueType === ValueType.INT ? "int" : "double",
      instrument: kind,
      ...(kind === "distribution" && { boundaries: advice?.explicitBucketBoundaries ?? BOUNDARIES }),
    });
    return (value, attributes, use) => {
      if (!isMeasured(value)) return;
      const measured = valueType === ValueType.INT ? Math.trunc(value) : value;
      const isTaken = measured >= least && (valueType === ValueType.DOUBLE || Number.isInteger(measured));
      if (!isTaken) return diag.warn(`${name} takes no ${value}`);
      try {
        use(instrument.bind({ [ATTR_THREAD_NAME]: this.#thread, ...saneAttributes(attributes) }), measured);
      } catch (error) {
        guard.failed(error);
      }
    };
  }
}
