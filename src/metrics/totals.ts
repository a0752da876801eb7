import type { Attributes } from "@opentelemetry/api";
import { HistogramCell, countOf } from "./histogram.ts";
import type { Cell, Instrument } from "./registry.ts";

/** Returns the total of a series in all threads: the value of a sum or a gauge, the count of a histogram. */
export function totalOf(instrument: Instrument, cell: Cell): number {
  const numbers = instrument.totalOf(cell);
  if (cell instanceof HistogramCell) return countOf(numbers);
  // An unset gauge is NaN.
  return numbers[0]! || 0;
}

/** Returns the sum of the totals of the matching series of an instrument. */
export function totalWhere(instrument: Instrument, has: (attributes: Attributes) => boolean): number {
  let total = 0;
  for (const cell of instrument.cells()) if (has(cell.attributes)) total += totalOf(instrument, cell);
  return total;
}
