import type { Attributes } from "@opentelemetry/api";
import { Window } from "../../metrics/window.ts";
import type { Cell, HotMetrics, Instrument } from "../../metrics/registry.ts";
import { totalOf } from "../../metrics/totals.ts";
import { GaugeCell, SumCell } from "../../metrics/series.ts";
import { HistogramCell, exponentialBuckets, mergeHistograms, quantile } from "../../metrics/histogram.ts";
import type { AlertStatistic, CompleteRule } from "../../alerts/rule.ts";

/** What a rule compares, of the series that belong together. */
export interface Measure {
  /** The attributes they have in common, as the rule asks. */
  readonly attributes: Attributes;
  /** Undefined where there is nothing to compare yet. */
  readonly value: number | undefined;
}

/** Series that belong together. */
interface Group {
  readonly instrument: Instrument;
  readonly cells: Cell[];
}

const QUANTILES: Readonly<Partial<Record<AlertStatistic, number>>> = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 };

/** Groups a rule may have; what is beyond is not looked at. */
const MOST_GROUPS = 100;

/** Takes from the metrics what one rule compares. */
export class Meter {
  readonly #rule: CompleteRule;
  readonly #totals = new Map<string, Window<number>>();
  readonly #counts = new Map<string, Window<Float64Array>>();
  /** When it was read last, in seconds: what appears later began with nothing at that time. */
  #lastTime: number | undefined;

  constructor(rule: CompleteRule) {
    this.#rule = rule;
  }

  /** @returns a measure for each group of series; none where there are no such series */
  read(metrics: HotMetrics): Measure[] {
    const instrument = [...metrics.instruments()].find(
      ({ definition: { name, scope } }) => name === this.#rule.metric && scope === undefined,
    );
    const groups = instrument === undefined ? [] : [...this.#group(instrument)].slice(0, MOST_GROUPS);
    const measures = groups.map(([key, group]) => ({
      attributes: this.#common(group.cells[0]!),
      value: this.#value(key, group),
    }));
    this.#lastTime = seconds();
    this.#forget(new Set(groups.map(([key]) => key)));
    return measures;
  }

  /** Groups end, with the databases that were closed. */
  #forget(there: ReadonlySet<string>): void {
    for (const windows of [this.#totals, this.#counts]) {
      for (const key of windows.keys()) if (!there.has(key)) windows.delete(key);
    }
  }

  #group(instrument: Instrument): Map<string, Group> {
    const groups = new Map<string, Group>();
    for (const cell of instrument.cells()) {
      const isUnset = cell instanceof GaugeCell && Number.isNaN(instrument.totalOf(cell)[0]);
      if (isUnset || !this.#matches(cell)) continue;
      const key = JSON.stringify(this.#common(cell));
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { instrument, cells: [cell] });
      else group.cells.push(cell);
    }
    return groups;
  }

  #matches({ attributes }: Cell): boolean {
    return Object.entries(this.#rule.where).every(([name, wanted]) => {
      if (attributes[name] === undefined) return false;
      const value = String(attributes[name]);
      return wanted.endsWith("*") ? value.startsWith(wanted.slice(0, -1)) : value === wanted;
    });
  }

  #common({ attributes }: Cell): Attributes {
    return Object.fromEntries(this.#rule.by.map((name) => [name, attributes[name]]));
  }

  #value(key: string, group: Group): number | undefined {
    const { condition } = this.#rule;
    if (condition === "rate_above" || condition === "rate_below") return this.#rate(key, group);
    const [first] = group.cells;
    if (first instanceof HistogramCell) return this.#statistic(key, group, first);
    return first instanceof SumCell ? sumOf(group) : Math.max(...totalsOf(group));
  }

  /** In a second. */
  #rate(key: string, group: Group): number | undefined {
    const total = sumOf(group);
    const before = this.#window(this.#totals, key, 0).add(total);
    const elapsed = seconds() - before.time;
    // Series of closed databases are gone.
    return elapsed < 1 ? undefined : Math.max(0, total - before.value) / elapsed;
  }

  /** @param first one of the group, which are all alike */
  #statistic(key: string, group: Group, first: HistogramCell): number | undefined {
    const now = together(group);
    const { value: before } = this.#window(this.#counts, key, new Float64Array(now.length)).add(now);
    const change = now.map((number, i) => Math.max(0, number - before[i]!));
    const { count, sum = 0 } = first.histogram(change);
    switch (this.#rule.statistic) {
      case "count":
        return count;
      case "sum":
        return sum;
      case "average":
        return count === 0 ? undefined : sum / count;
      default:
        return quantile(exponentialBuckets(change, first.layout), QUANTILES[this.#rule.statistic]!);
    }
  }

  #window<T>(windows: Map<string, Window<T>>, key: string, nothing: T): Window<T> {
    const before = this.#lastTime === undefined ? undefined : { time: this.#lastTime, value: nothing };
    const window = windows.get(key) ?? new Window<T>(this.#rule.window, before);
    windows.set(key, window);
    return window;
  }
}

const seconds = (): number => performance.now() / 1000;

const totalsOf = ({ instrument, cells }: Group): number[] => cells.map((cell) => totalOf(instrument, cell));

const sumOf = (group: Group): number => totalsOf(group).reduce((sum, total) => sum + total, 0);

/** The numbers of several series of a histogram, in all threads. */
function together({ instrument, cells }: Group): Float64Array {
  const sum = new Float64Array(cells[0]!.numbers.length);
  for (const cell of cells) mergeHistograms(sum, instrument.totalOf(cell));
  return sum;
}
