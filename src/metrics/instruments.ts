import type { AttributesOf, MetricDefinition } from "../../semconv/index.ts";
import { anchorNow } from "../clock.ts";
import { GaugeCell, SumCell } from "./cells.ts";
import { HistogramCell, HistogramLayout } from "./histogram.ts";

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

/**
 * A metric whose series are bound once and recorded into directly: the shape of the `bind` that
 * OpenTelemetry's specification drafts, a hundred times cheaper than an attribute set per record.
 */
export class Instrument<D extends MetricDefinition = MetricDefinition> {
  readonly definition: D;
  readonly #layout: HistogramLayout | undefined;
  readonly #limit: number;
  readonly #cells = new Map<string, Cell<D>>();

  constructor(definition: D, limit: number) {
    this.definition = definition;
    this.#limit = limit;
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

  #overflow(): Cell<D> {
    const key = "overflow";
    return this.#cells.get(key) ?? this.#add(key, { "otel.metric.overflow": true });
  }

  #add(key: string, attributes: Record<string, string | number | boolean>): Cell<D> {
    const start = anchorNow().wall;
    const cell = this.#create(attributes, start);
    this.#cells.set(key, cell as Cell<D>);
    return cell as Cell<D>;
  }

  #create(...[attributes, start]: ConstructorParameters<typeof SumCell>): SumCell | GaugeCell | HistogramCell {
    if (this.#layout !== undefined) return new HistogramCell(attributes, start, this.#layout);
    return this.definition.instrument === "gauge" ? new GaugeCell(attributes, start) : new SumCell(attributes, start);
  }
}

/** Brings polled values up to date; called before each collection. */
export type Poll = () => void;

/** The instruments of a process, and what has to be asked before they are read. */
export class HotMetrics {
  readonly #instruments = new Map<string, Instrument>();
  readonly #polls = new Set<Poll>();
  readonly #limit: number;

  constructor(limit: number = SERIES_LIMIT) {
    this.#limit = limit;
  }

  /** The instrument of a definition; the same one each time. */
  instrument<D extends MetricDefinition>(definition: D): Instrument<D> {
    let instrument = this.#instruments.get(definition.name);
    if (instrument === undefined) {
      instrument = new Instrument<MetricDefinition>(definition, this.#limit);
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
export const hotMetrics: HotMetrics = new HotMetrics();
