import { median } from "./median.ts";
import type { Row, Sample, Unit } from "./scenario.ts";

/** What the rounds found for a variant. */
export interface Cell {
  /** In the unit of the row: the median of the rounds. */
  readonly value: number;
  /** Compared as the row says: the median of the rounds, the lowest and the highest. */
  readonly compared: number;
  readonly low: number;
  readonly high: number;
}

export interface ReportRow extends Pick<Row, "title" | "unit" | "compare" | "aim"> {
  readonly scenario: string;
  readonly id: string;
  /** By variant; a text says why there is none. */
  readonly cells: Readonly<Record<string, Cell | string>>;
}

/** What a run found, and all that its table says. */
export interface Report {
  readonly node: string;
  readonly machine: string;
  readonly rounds: number;
  readonly columns: readonly { readonly variant: string; readonly title: string; readonly note?: string }[];
  readonly rows: readonly ReportRow[];
}

const COMPARED: Readonly<Record<Row["compare"], (sample: Sample, bare: Sample) => number>> = {
  ratio: ({ value, ratio }, bare) => ratio ?? value / bare.value,
  difference: ({ value }, bare) => value - bare.value,
  itself: ({ value }) => value,
};

/** What the samples of the rounds come to, beside the bare ones of the same rounds. */
export function comparison({ compare }: Row, samples: readonly Sample[], bare: readonly Sample[]): Cell {
  const compared = samples.map((sample, round) => COMPARED[compare](sample, bare[round]!));
  const value = median(samples.map(({ value }) => value));
  return { value, compared: median(compared), low: Math.min(...compared), high: Math.max(...compared) };
}

/** Three digits, and no more than two behind the point. */
function digits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2).replace("-", "−");
}

const signed = (value: number): string => (value < 0 ? digits(value) : `+${digits(value)}`);

/** How a compared value is written, and the ends of its range. */
const WRITTEN: Readonly<
  Record<Row["compare"], { whole: (value: number, unit: Unit) => string; part: (value: number) => string }>
> = {
  ratio: { whole: (value) => `× ${value.toFixed(2)}`, part: (value) => value.toFixed(2) },
  difference: { whole: (value, unit) => `${signed(value)} ${unit}`, part: signed },
  itself: { whole: (value, unit) => `${digits(value)} ${unit}`, part: digits },
};

const AIMED: Readonly<Record<Row["compare"], (aim: number, unit: Unit) => string>> = {
  ratio: (aim) => `× ${aim.toFixed(2)}`,
  difference: (aim, unit) => `+${aim} ${unit}`,
  itself: (aim, unit) => `${aim} ${unit}`,
};

/** Numbers the notes in the order in which they are referred to. */
class Notes {
  readonly #texts: string[] = [];

  mark(text: string | undefined): string {
    if (text === undefined) return "";
    if (!this.#texts.includes(text)) this.#texts.push(text);
    return String(this.#texts.indexOf(text) + 1).replace(/./g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]!);
  }

  lines(): string[] {
    return this.#texts.map((text) => `${this.mark(text)} ${text}`);
  }
}

function textOf({ unit, compare }: ReportRow, variant: string, { value, compared, low, high }: Cell): string {
  if (variant === "bare") return `${digits(value)} ${unit}`;
  const { whole, part } = WRITTEN[compare];
  const range = part(low) === part(high) ? "" : ` (${part(low)} to ${part(high)})`;
  return `${whole(compared, unit)}${range}`;
}

function aimOf({ unit, compare, aim }: ReportRow): string {
  return aim === undefined ? "" : `≤ ${AIMED[compare](aim, unit)}`;
}

/** The table of a report, and the notes below it. */
export function tableOf({ columns, rows }: Report): { readonly cells: string[][]; readonly notes: string[] } {
  const notes = new Notes();
  const head = ["", ...columns.map(({ title, note }) => title + notes.mark(note)), "aim"];
  const body = rows.map((row) => {
    const cells = columns.map(({ variant }) => {
      const cell = row.cells[variant]!;
      return typeof cell === "string" ? `–${notes.mark(cell)}` : textOf(row, variant, cell);
    });
    return [row.title, ...cells, aimOf(row)];
  });
  return { cells: [head, ...body], notes: notes.lines() };
}

/** A table of Markdown. */
export const markdown = ([head = [], ...body]: readonly string[][]): string =>
  [head, head.map(() => "---"), ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** A table for a terminal. */
export function aligned(rows: readonly string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
