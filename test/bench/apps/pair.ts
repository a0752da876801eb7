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

/** Tells the parent what was found, and ends. @param warmUp the first pairs, which do not count */
export function tell(all: readonly Pair[], warmUp: number, chunk: number): void {
  const pairs = all.slice(warmUp);
  const found: Found = {
    bare: median(pairs.map(({ bare }) => bare)) / chunk,
    observed: median(pairs.map(({ observed }) => observed)) / chunk,
    ratio: median(pairs.map(({ observed, bare }) => observed / bare)),
    chunks: all.length,
  };
  process.send!(found, () => process.exit());
}
