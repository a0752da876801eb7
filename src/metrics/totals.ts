import type { Attributes } from "@opentelemetry/api";
import { HistogramSeries, countOf } from "./histogram.ts";
import type { Series, Instrument } from "./registry.ts";

/** Returns the total of a series in all threads: the value of a sum or a gauge, the count of a histogram. */
export function totalOf(instrument: Instrument, series: Series): number {
  const numbers = instrument.mergedNumbers(series);
  if (series instanceof HistogramSeries) return countOf(numbers);
  // An unset gauge is NaN.
  return numbers[0]! || 0;
}

/** Returns the sum of the totals of the matching series of an instrument. */
export function totalWhere(instrument: Instrument, has: (attributes: Attributes) => boolean): number {
  let total = 0;
  for (const series of instrument.series()) if (has(series.attributes)) total += totalOf(instrument, series);
  return total;
}
