import { quantile } from "../receiver/histogram.ts";
import type { Layer, Row } from "./layers.ts";
import { amount, cut, duration } from "./units.ts";

const LABEL = 46;
const HEADINGS = ["count", "errors", "p50", "p99", "slowest"];

/** The layers as lines of text. */
export function formatTable(layers: readonly Layer[]): string[] {
  return [line("layer", "operation", HEADINGS), ...layers.flatMap(formatLayer)];
}

function formatLayer({ name, rows, omitted }: Layer): string[] {
  const lines = rows.map((row, i) => formatRow(i === 0 ? name : "", row));
  return omitted === 0 ? lines : [...lines, line("", `and ${omitted} more that took less time`, [])];
}

function formatRow(layer: string, { label, errors, histogram }: Row): string {
  return line(layer, label, [
    amount(histogram.count),
    amount(errors),
    duration(quantile(histogram, 0.5)),
    duration(quantile(histogram, 0.99)),
    duration(histogram.max),
  ]);
}

function line(layer: string, label: string, values: readonly string[]): string {
  const columns = values.map((value) => value.padStart(9));
  return [layer.padEnd(11), cut(label, LABEL).padEnd(LABEL), ...columns].join(" ").trimEnd();
}
