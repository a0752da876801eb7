import type { Attributes, HrTime } from "@opentelemetry/api";
import type { AttributesOf, MetricDefinition } from "../../semconv/index.ts";
import { anchorNow } from "../clock.ts";
import { GaugeCell, SumCell } from "./cells.ts";
import { HistogramCell, HistogramLayout, sizeOf } from "./histogram.ts";
import { pages } from "../threads/own-pages.ts";
import { PRIVATE, type Memory } from "./memory.ts";
import { share, SHARING, totalOf, unshare, type Shared, type Sharing } from "./sharing.ts";

/** The cell type of an instrument. */
interface CellOf {
  readonly counter: SumCell;
  readonly updowncounter: SumCell;
  readonly gauge: GaugeCell;
  readonly histogram: HistogramCell;
}

type Cell<D extends MetricDefinition> = CellOf[D["instrument"]];

/** Series an instrument may have, the overflow series included: OpenTelemetry's default. */
export const SERIES_LIMIT = 2000;

const OVERFLOW = "otel.metric.overflow";

/**
 * A metric whose series are bound once and recorded into directly: the shape of the `bind` that
 * OpenTelemetry's specification drafts, a hundred times cheaper than an attribute set per record.
 */
export class Instrument<D extends MetricDefinition = MetricDefinition> {
  readonly definition: D;
  readonly #sharing: Sharing;
  readonly #layout: HistogramLayout | undefined;
  readonly #limit: number;
  readonly #memory: Memory;
  readonly #cells = new Map<string, Cell<D>>();

  constructor(definition: D, limit: number, memory: Memory) {
    this.definition = definition;
    this.#sharing = SHARING[definition.instrument];
    this.#limit = limit;
    this.#memory = memory;
    if (definition.instrument === "histogram")
      this.#layout = new HistogramLayout(definition.unit, definition.boundaries);
  }

  /** The series with these attributes; beyond the limit, the one series that takes all others. */
  bind(attributes: AttributesOf<D>): Cell<D> {
    const set = attributes as Readonly<Record<string, string | number | boolean | undefined>>;
    const key = JSON.stringify(this.definition.attributes.map((name) => set[name]));
    const known = this.#cells.get(key);
    if (known !== undefined) return known;
    if (this.#cells.size >= this.#limit - 1) return this.#overflow();
    const defined = this.definition.attributes.filter((name) => set[name] !== undefined);
    return this.#add(key, Object.fromEntries(defined.map((name) => [name, set[name]!])));
  }

  cells(): Iterable<Cell<D>> {
    return this.#cells.values();
  }

  /** What all threads have recorded into a series. */
  totalOf(cell: Shared): Float64Array {
    return totalOf(cell, this.#sharing);
  }

  /**
   * Takes in a series of another thread.
   * @returns to be called when that thread has ended
   */
  share(attributes: Attributes, startTime: HrTime, numbers: Float64Array): () => void {
    const cell = OVERFLOW in attributes ? this.#overflow() : this.bind(attributes as AttributesOf<D>);
    share(cell, numbers, startTime);
    return () => unshare(cell, numbers, this.#sharing);
  }

  #overflow(): Cell<D> {
    const key = "overflow";
    return this.#cells.get(key) ?? this.#add(key, { [OVERFLOW]: true });
  }

  #add(key: string, attributes: Attributes): Cell<D> {
    const cell = this.#create(attributes, anchorNow().wall);
    this.#cells.set(key, cell as Cell<D>);
    return cell as Cell<D>;
  }

  #create(attributes: Attributes, startTime: HrTime): SumCell | GaugeCell | HistogramCell {
    const { definition } = this;
    const numbers = (size: number): Float64Array =>
      this.#memory.allocate(size, { definition, attributes, startTime });
    if (this.#layout !== undefined)
      return new HistogramCell(attributes, startTime, this.#layout, numbers(sizeOf(this.#layout)));
    return definition.instrument === "gauge"
      ? new GaugeCell(attributes, startTime, numbers(1))
      : new SumCell(attributes, startTime, numbers(1));
  }
}

/** Brings polled values up to date; called before each collection. */
export type Poll = () => void;

/** The other threads of the process, where there are any. */
export interface OtherThreads {
  /** Has them bring polled values up to date; resolves when they have, or are too busy to. */
  poll(): Promise<void>;
  /** Takes in what they have begun to record and lets go of what ended. */
  update(): void;
}

/** The instruments of a process, and what has to be asked before they are read. */
export class HotMetrics {
  otherThreads: OtherThreads | undefined;
  readonly #instruments = new Map<string, Instrument>();
  readonly #polls = new Set<Poll>();
  readonly #limit: number;
  readonly #memory: Memory;

  constructor(limit: number = SERIES_LIMIT, memory: Memory = PRIVATE) {
    this.#limit = limit;
    this.#memory = memory;
  }

  /** The instrument of a definition; the same one each time. */
  instrument<D extends MetricDefinition>(definition: D): Instrument<D> {
    let instrument = this.#instruments.get(definition.name);
    if (instrument === undefined) {
      instrument = new Instrument<MetricDefinition>(definition, this.#limit, this.#memory);
      this.#instruments.set(definition.name, instrument);
    }
    return instrument as unknown as Instrument<D>;
  }

  onCollect(poll: Poll): void {
    this.#polls.add(poll);
  }

  /** Brings polled values up to date and returns what went wrong with it. */
  poll(): unknown[] {
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

/** The metrics of this process. */
export const hotMetrics: HotMetrics = new HotMetrics(SERIES_LIMIT, pages);
