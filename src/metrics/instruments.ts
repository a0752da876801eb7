import type { Attributes, HrTime } from "@opentelemetry/api";
import type { AttributesOf, MetricDefinition } from "../../semconv/index.ts";
import { anchorNow } from "../clock.ts";
import { pages } from "../threads/own-pages.ts";
import { GaugeCell, SumCell } from "./cells.ts";
import type { Definition, Kind } from "./definition.ts";
import { DistributionCell, distributionSize } from "./distribution.ts";
import { HistogramCell, HistogramLayout, sizeOf } from "./histogram.ts";
import { PRIVATE, type Memory } from "./memory.ts";
import { share, SHARING, totalOf, unshare, type Shared, type Sharing } from "./sharing.ts";

/** The cell type of an instrument. */
interface CellOf {
  readonly counter: SumCell;
  readonly updowncounter: SumCell;
  readonly balance: SumCell;
  readonly gauge: GaugeCell;
  readonly reading: GaugeCell;
  readonly histogram: HistogramCell;
  readonly distribution: DistributionCell;
}

export type Cell<D extends Definition = Definition> = CellOf[D["instrument"]];

/** How the series of an instrument are made. */
interface Form {
  /** The numbers each of them takes. */
  readonly size: number;
  readonly make: (attributes: Attributes, startTime: HrTime, numbers: Float64Array) => Cell;
}

const sum = (): Form => ({ size: 1, make: (...series) => new SumCell(...series) });
const gauge = (): Form => ({ size: 2, make: (...series) => new GaugeCell(...series) });

const FORMS: Readonly<Record<Kind, (definition: Definition) => Form>> = {
  counter: sum,
  updowncounter: sum,
  balance: sum,
  gauge,
  reading: gauge,
  histogram({ unit, boundaries = [] }) {
    const layout = new HistogramLayout(unit, boundaries);
    return { size: sizeOf(layout), make: (...[a, s, numbers]) => new HistogramCell(a, s, layout, numbers) };
  },
  distribution: ({ boundaries = [] }) => ({
    size: distributionSize(boundaries),
    make: (...[a, s, numbers]) => new DistributionCell(a, s, boundaries, numbers),
  }),
};

/** Series an instrument may have, the overflow series included: OpenTelemetry's default. */
export const SERIES_LIMIT = 2000;

const OVERFLOW = "otel.metric.overflow";

/** A set of attributes, each with its value, that a series can be bound to. */
type AttributesFor<D extends Definition> = D extends MetricDefinition ? AttributesOf<D> : Attributes;

/**
 * A metric whose series are bound once and recorded into directly: the shape of the `bind` that
 * OpenTelemetry's specification drafts, a hundred times cheaper than an attribute set per record.
 */
export class Instrument<D extends Definition = Definition> {
  readonly definition: D;
  readonly #sharing: Sharing;
  readonly #form: Form;
  readonly #limit: number;
  readonly #memory: Memory;
  readonly #cells = new Map<string, Cell<D>>();

  constructor(definition: D, limit: number, memory: Memory) {
    this.definition = definition;
    this.#sharing = SHARING[definition.instrument];
    this.#form = FORMS[definition.instrument](definition);
    this.#limit = limit;
    this.#memory = memory;
  }

  /** The series with these attributes; beyond the limit, the one series that takes all others. */
  bind(attributes: AttributesFor<D>): Cell<D> {
    const set = attributes as Attributes;
    const names = this.definition.attributes ?? Object.keys(set).sort();
    const defined = names.filter((name) => set[name] !== undefined).map((name) => [name, set[name]!] as const);
    const key = JSON.stringify(defined);
    const known = this.#cells.get(key);
    if (known !== undefined) return known;
    return this.#cells.size < this.#limit - 1 ? this.#add(key, Object.fromEntries(defined)) : this.#overflow();
  }

  cells(): Iterable<Cell<D>> {
    return this.#cells.values();
  }

  /** What all threads have recorded into a series; not to be written to. */
  totalOf(cell: Shared): Float64Array {
    return totalOf(cell, this.#sharing);
  }

  /**
   * Takes in a series of another thread.
   * @returns to be called when that thread has ended
   */
  share(attributes: Attributes, startTime: HrTime, numbers: Float64Array): () => void {
    const cell = OVERFLOW in attributes ? this.#overflow() : this.bind(attributes as AttributesFor<D>);
    share(cell, numbers, startTime);
    return () => unshare(cell, numbers, this.#sharing);
  }

  #overflow(): Cell<D> {
    const key = "overflow";
    return this.#cells.get(key) ?? this.#add(key, { [OVERFLOW]: true });
  }

  #add(key: string, attributes: Attributes): Cell<D> {
    const startTime = anchorNow().wall;
    const numbers = this.#memory.allocate(this.#form.size, { definition: this.definition, attributes, startTime });
    const cell = this.#form.make(attributes, startTime, numbers) as Cell<D>;
    this.#cells.set(key, cell);
    return cell;
  }
}

/** Brings polled values up to date; called before each collection. */
export type Poll = () => void;

/** The other threads of the process, where there are any. */
export interface OtherThreads {
  /** Has them bring polled values up to date; resolves when they have, or are too busy to. */
  poll(): Promise<void>;
  /** Takes in what they have begun to record, and lets go of those that ended. */
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
  instrument<D extends Definition>(definition: D): Instrument<D> {
    const { name, instrument: kind, unit, scope } = definition;
    const key = scope === undefined ? name : JSON.stringify([name, kind, unit, scope]);
    let instrument = this.#instruments.get(key);
    if (instrument === undefined) {
      instrument = new Instrument<Definition>(definition, this.#limit, this.#memory);
      this.#instruments.set(key, instrument);
    }
    return instrument as unknown as Instrument<D>;
  }

  onCollect(poll: Poll): void {
    this.#polls.add(poll);
  }

  /** Brings everything up to date that this thread can at once, and returns what went wrong with it. */
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

/** The metrics of this process. */
export const hotMetrics: HotMetrics = new HotMetrics(SERIES_LIMIT, pages);
