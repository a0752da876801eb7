import type { Attributes } from "@opentelemetry/api";
import { Window } from "../health/window.ts";
import { GaugeCell, SumCell } from "../metrics/cells.ts";
import { exponentialBuckets, quantile, type HistogramCell } from "../metrics/histogram.ts";
import type { HotMetrics, Instrument } from "../metrics/instruments.ts";
import { totalOf } from "../metrics/reading.ts";
import type { AlertStatistic, CompleteRule } from "./rule.ts";

type Cell = Parameters<typeof totalOf>[0];

/** What a rule compares, of the series that belong together. */
export interface Measure {
  /** The attributes they have in common, as the rule asks. */
  readonly attributes: Attributes;
  /** Undefined where there is nothing to compare yet. */
  readonly value: number | undefined;
}

/** Several series of a histogram together at one moment. */
interface Counts {
  readonly counts: Float64Array;
  readonly sum: number;
}

const QUANTILES: Readonly<Partial<Record<AlertStatistic, number>>> = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 };

/** Groups a rule may have; what is beyond is not looked at. */
const MOST_GROUPS = 100;

/** Takes from the metrics what one rule compares. */
export class Meter {
  readonly #rule: CompleteRule;
  readonly #totals = new Map<string, Window<number>>();
  readonly #counts = new Map<string, Window<Counts>>();
  /** When it was read last, in seconds: what appears later began with nothing at that time. */
  #lastTime: number | undefined;

  constructor(rule: CompleteRule) {
    this.#rule = rule;
  }

  /** @returns a measure for each group of series; none where there are no such series */
  read(metrics: HotMetrics): Measure[] {
    const instrument = [...metrics.instruments()].find(({ definition }) => definition.name === this.#rule.metric);
    const groups = instrument === undefined ? [] : [...this.#group(instrument)].slice(0, MOST_GROUPS);
    const measures = groups.map(([key, cells]) => ({
      attributes: this.#common(cells[0]!),
      value: this.#value(key, cells),
    }));
    this.#lastTime = seconds();
    return measures;
  }

  #group(instrument: Instrument): Map<string, Cell[]> {
    const groups = new Map<string, Cell[]>();
    for (const cell of instrument.cells()) {
      const isUnset = cell instanceof GaugeCell && cell.value === undefined;
      if (isUnset || !this.#matches(cell)) continue;
      const key = JSON.stringify(this.#common(cell));
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [cell]);
      else group.push(cell);
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

  #value(key: string, cells: readonly Cell[]): number | undefined {
    const { condition } = this.#rule;
    if (condition === "rate_above" || condition === "rate_below") return this.#rate(key, cells);
    if (isHistograms(cells)) return this.#statistic(key, cells);
    const values = cells.map(totalOf);
    return cells[0] instanceof SumCell ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values);
  }

  /** In a second. */
  #rate(key: string, cells: readonly Cell[]): number | undefined {
    const total = cells.reduce((sum, cell) => sum + totalOf(cell), 0);
    const before = this.#window(this.#totals, key, 0).add(total);
    const elapsed = seconds() - before.time;
    return elapsed < 1 ? undefined : (total - before.value) / elapsed;
  }

  #statistic(key: string, cells: readonly HistogramCell[]): number | undefined {
    const now = together(cells);
    const none = { counts: new Float64Array(now.counts.length), sum: 0 };
    const { value: before } = this.#window(this.#counts, key, none).add(now);
    const { layout } = cells[0]!;
    const counts = now.counts.map((count, i) => count - before.counts[i]!);
    const sum = (now.sum - before.sum) / layout.perUnit;
    const count = counts.reduce((total, each) => total + each, 0);
    switch (this.#rule.statistic) {
      case "count":
        return count;
      case "sum":
        return sum;
      case "average":
        return count === 0 ? undefined : sum / count;
      default:
        return quantile(exponentialBuckets(counts, layout), QUANTILES[this.#rule.statistic]!);
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

const isHistograms = (cells: readonly Cell[]): cells is readonly HistogramCell[] =>
  !(cells[0] instanceof SumCell || cells[0] instanceof GaugeCell);

function together(cells: readonly HistogramCell[]): Counts {
  const counts = new Float64Array(cells[0]!.counts.length);
  let sum = 0;
  for (const cell of cells) {
    cell.counts.forEach((count, i) => (counts[i]! += count));
    sum += cell.sum;
  }
  return { counts, sum };
}
