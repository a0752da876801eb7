import { median } from "../harness/median.ts";

/** What the two drivers needed for a chunk at about the same time. */
export interface Pair {
  readonly bare: number;
  readonly observed: number;
}

/** What one unit of observed work costs, and relative to the work beside it that is not observed. */
export interface Found {
  readonly bare: number;
  readonly observed: number;
  readonly ratio: number;
}

/** Tells the parent what was found, and ends. */
export function tell(pairs: readonly Pair[], chunk: number): void {
  const found: Found = {
    bare: median(pairs.map(({ bare }) => bare)) / chunk,
    observed: median(pairs.map(({ observed }) => observed)) / chunk,
    ratio: median(pairs.map(({ observed, bare }) => observed / bare)),
  };
  process.send!(found, () => process.exit());
}
