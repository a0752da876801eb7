import { median } from "./median.ts";
import { comparison, type Cell, type ReportRow } from "./report.ts";
import { scaled, type Bench, type Row, type Sample, type Scenario } from "./scenario.ts";
import type { VariantName } from "./variants.ts";

/** What is run. */
export interface Plan {
  readonly variants: readonly VariantName[];
  readonly rounds: number;
  /** Told what is being done. */
  readonly progress: (text: string) => void;
}

/** The samples of the rounds, by row and variant. */
type Found = Map<string, Map<VariantName, Sample[]>>;

/** Measures a scenario: in each round the variants take turns, each in processes of its own. */
export async function measureScenario(
  name: string,
  scenario: Scenario,
  bench: Bench,
  plan: Plan,
): Promise<ReportRow[]> {
  const rows = Object.entries(scenario.rows);
  const variants = plan.variants.filter((variant) => rows.some(([, { absent }]) => absent[variant] === undefined));
  const found: Found = new Map();
  for (let round = 1; round <= plan.rounds; round++) {
    const turns = await measureRound(scenario, variants, bench, (variant) =>
      plan.progress(`${name}: round ${round} of ${plan.rounds}, ${variant}`),
    );
    addRound(found, turns);
  }
  await scenario.close?.();
  return rows.map(([id, row]) => ({
    scenario: name,
    id,
    ...describe(row),
    cells: cellsOf(row, found.get(id) ?? new Map(), plan.variants),
  }));
}

const describe = ({ title, unit, compare, aim }: Row): Omit<ReportRow, "scenario" | "id" | "cells"> => ({
  title,
  unit,
  compare,
  ...(aim !== undefined && { aim }),
});

async function measureRound(
  scenario: Scenario,
  variants: readonly VariantName[],
  bench: Bench,
  begins: (variant: VariantName) => void,
): Promise<Found> {
  const found: Found = new Map();
  for (let turn = 0; turn < scaled(scenario.turns ?? 1, bench); turn++) {
    for (const variant of variants) {
      begins(variant);
      for (const [id, sample] of Object.entries(await scenario.measure(variant, bench))) {
        if (sample !== undefined) add(found, id, variant, sample);
      }
    }
  }
  return found;
}

function add(found: Found, id: string, variant: VariantName, sample: Sample): void {
  const row = found.get(id) ?? new Map<VariantName, Sample[]>();
  found.set(id, row.set(variant, [...(row.get(variant) ?? []), sample]));
}

/** Of the turns of a round the middle one counts. */
function addRound(found: Found, round: Found): void {
  for (const [id, row] of round) {
    for (const [variant, turns] of row) {
      const ratios = turns.flatMap(({ ratio }) => ratio ?? []);
      const value = median(turns.map(({ value }) => value));
      add(found, id, variant, { value, ...(ratios.length > 0 && { ratio: median(ratios) }) });
    }
  }
}

function cellsOf(
  row: Row,
  found: ReadonlyMap<VariantName, readonly Sample[]>,
  variants: readonly VariantName[],
): ReportRow["cells"] {
  const bare = found.get("bare") ?? [];
  const cell = (variant: VariantName): Cell | string => {
    const reason = row.absent[variant];
    return reason ?? comparison(row, found.get(variant)!, bare);
  };
  return Object.fromEntries(variants.map((variant) => [variant, cell(variant)]));
}
