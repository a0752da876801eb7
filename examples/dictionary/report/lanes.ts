import type { BackgroundRun } from "../receiver/background.ts";
import { amount, duration } from "./units.ts";

/** Characters of a lane. */
const WIDTH = 80;
/** A slice of time in which nothing ran, and those in which something ran for an ever larger share of it. */
const SHARES = "·▁▂▃▄▅▆▇█";

/** Formats the background work of each database as one lane of time for each kind. */
export function formatLanes(runs: readonly BackgroundRun[]): string[] {
  const databases = [...new Set(runs.map(({ database }) => database))];
  return databases.flatMap((database) =>
    formatDatabase(
      database,
      runs.filter((run) => run.database === database),
    ),
  );
}

function formatDatabase(database: string, runs: readonly BackgroundRun[]): string[] {
  const start = Math.min(...runs.map((run) => run.start));
  const slice = (Math.max(...runs.map((run) => run.end)) - start) / WIDTH;
  const kinds = [...Map.groupBy(runs, ({ kind }) => kind)];
  return [
    "",
    `background work of ${database}, one character is ${duration(slice)}`,
    ...kinds.map(([kind, some]) => {
      const total = some.reduce((sum, run) => sum + run.end - run.start, 0);
      return `${kind.padEnd(11)} ${lane(some, start, slice)} ${amount(some.length)}, ${duration(total)}`;
    }),
  ];
}

/** Draws how much of each slice of time is covered by the runs. */
function lane(runs: readonly BackgroundRun[], start: number, slice: number): string {
  const busy = Array.from({ length: WIDTH }, () => 0);
  for (const run of runs) {
    const [from, to] = [(run.start - start) / slice, (run.end - start) / slice];
    for (let i = Math.floor(from); i < to && i < WIDTH; i++) busy[i]! += Math.min(to, i + 1) - Math.max(from, i);
  }
  return busy.map((share) => SHARES[Math.min(SHARES.length - 1, Math.ceil(share * (SHARES.length - 1)))]).join("");
}
