import { GaugeCell, SumCell } from "./cells.ts";
import type { HistogramCell } from "./histogram.ts";
import type { Instrument } from "./instruments.ts";

type Cell = SumCell | GaugeCell | HistogramCell;

/** What a series counts: the value of a sum or a gauge, the count of a histogram. */
export function totalOf(cell: Cell): number {
  if (cell instanceof SumCell || cell instanceof GaugeCell) return cell.value ?? 0;
  let total = 0;
  // Of thousands of cells each: a function for each of them takes ten times as long before it is compiled.
  for (let i = 0; i < cell.counts.length; i++) total += cell.counts[i]!;
  return total;
}

/** The series of an instrument together. */
export function totalWhere(instrument: Instrument, has: (attributes: Cell["attributes"]) => boolean): number {
  let total = 0;
  for (const cell of instrument.cells()) if (has(cell.attributes)) total += totalOf(cell);
  return total;
}
