import type { Attributes } from "@opentelemetry/api";
import { Window } from "../../metrics/window.ts";
import type { Series, MetricRegistry, Instrument } from "../../metrics/registry.ts";
import { totalOf } from "../../metrics/totals.ts";
import { GaugeSeries, SumSeries } from "../../metrics/series.ts";
import { HistogramSeries, exponentialBuckets, mergeHistograms, quantile } from "../../metrics/histogram.ts";
import type { AlertStatistic, CompleteRule } from "../../alerts/rule.ts";

/** Value that a rule compares, for one group of series. */
export interface Measurement {
  /** The attributes the series have in common, as selected by the rule. */
  readonly attributes: Attributes;
  /** Undefined if there is no value to compare yet. */
  readonly value: number | undefined;
}

/** Series that are aggregated. */
interface Group {
  readonly instrument: Instrument;
  readonly series: Series[];
}

const QUANTILES: Readonly<Partial<Record<AlertStatistic, number>>> = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 };

/** Maximum number of groups per rule; further ones are ignored. */
const MAX_GROUPS = 100;

/** Reader of the values that one rule compares. */
export class Meter {
  readonly #rule: CompleteRule;
  readonly #totals = new Map<string, Window<number>>();
  readonly #counts = new Map<string, Window<Float64Array>>();
  /** Time of the last read, in seconds: a series that appears later was zero at that time. */
  #lastTime: number | undefined;

  constructor(rule: CompleteRule) {
    this.#rule = rule;
  }

  /**
   * Reads the current metrics.
   * @returns a measure for each group of series; empty if there are no such series
   */
  read(metrics: MetricRegistry): Measurement[] {
    const instrument = [...metrics.instruments()].find(
      ({ definition: { name, scope } }) => name === this.#rule.metric && scope === undefined,
    );
    const groups = instrument === undefined ? [] : [...this.#group(instrument)].slice(0, MAX_GROUPS);
    const measures = groups.map(([key, group]) => ({
      attributes: this.#common(group.series[0]!),
      value: this.#value(key, group),
    }));
    this.#lastTime = seconds();
    this.#forget(new Set(groups.map(([key]) => key)));
    return measures;
  }

  /** Discards groups that no longer exist, as after a database was closed. */
  #forget(there: ReadonlySet<string>): void {
    for (const windows of [this.#totals, this.#counts]) {
      for (const key of windows.keys()) if (!there.has(key)) windows.delete(key);
    }
  }

  #group(instrument: Instrument): Map<string, Group> {
    const groups = new Map<string, Group>();
    for (const series of instrument.series()) {
      const isUnset = series instanceof GaugeSeries && Number.isNaN(instrument.mergedNumbers(series)[0]);
      if (isUnset || !this.#matches(series)) continue;
      const key = JSON.stringify(this.#common(series));
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { instrument, series: [series] });
      else group.series.push(series);
    }
    return groups;
  }

  #matches({ attributes }: Series): boolean {
    return Object.entries(this.#rule.where).every(([name, wanted]) => {
      if (attributes[name] === undefined) return false;
      const value = String(attributes[name]);
      return wanted.endsWith("*") ? value.startsWith(wanted.slice(0, -1)) : value === wanted;
    });
  }

  #common({ attributes }: Series): Attributes {
    return Object.fromEntries(this.#rule.by.map((name) => [name, attributes[name]]));
  }

  #value(key: string, group: Group): number | undefined {
    const { condition } = this.#rule;
    if (condition === "rate_above" || condition === "rate_below") return this.#rate(key, group);
    const [first] = group.series;
    if (first instanceof HistogramSeries) return this.#statistic(key, group, first);
    return first instanceof SumSeries ? sumOf(group) : Math.max(...totalsOf(group));
  }

  /** Returns the rate per second. */
  #rate(key: string, group: Group): number | undefined {
    const total = sumOf(group);
    const before = this.#window(this.#totals, key, 0).add(total);
    const elapsed = seconds() - before.time;
    // The total can decrease: the series of a closed database are removed.
    return elapsed < 1 ? undefined : Math.max(0, total - before.value) / elapsed;
  }

  /**
   * Returns the statistic of a histogram.
   * @param first a series of the group; all have the same layout
   */
  #statistic(key: string, group: Group, first: HistogramSeries): number | undefined {
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

const totalsOf = ({ instrument, series }: Group): number[] => series.map((each) => totalOf(instrument, each));

const sumOf = (group: Group): number => totalsOf(group).reduce((sum, total) => sum + total, 0);

/** Sums up the buckets of several series of a histogram, across all threads. */
function together({ instrument, series }: Group): Float64Array {
  const sum = new Float64Array(series[0]!.numbers.length);
  for (const each of series) mergeHistograms(sum, instrument.mergedNumbers(each));
  return sum;
}
