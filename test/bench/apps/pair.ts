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
  /** Chunks that were measured, and those that warmed up before. */
  readonly chunks: number;
}

/**
 * Pairs that are run for each one that counts: the first half only warms up. A service runs for days, so what is
 * compiled late has to be compiled by then.
 */
export const PER_PAIR = 2;

/** Tells the parent what was found, and ends. */
export function report(all: readonly Pair[], chunk: number): void {
  const pairs = all.slice(all.length / PER_PAIR);
  const found: Found = {
    bare: median(pairs.map(({ bare }) => bare)) / chunk,
    observed: median(pairs.map(({ observed }) => observed)) / chunk,
    ratio: median(pairs.map(({ observed, bare }) => observed / bare)),
    chunks: all.length,
  };
  process.send!(found, () => process.exit());
}
