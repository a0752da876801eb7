import { App, REGISTER, type Ended, type RunOptions } from "./app.ts";

/** Programs of `test/apps/fuzz`. */
export const PROGRAMS = ["better-sqlite3", "node-sqlite", "http"] as const;
/** Programs that damage the files of an engine, which can end the process. */
export const DAMAGING = ["level", "lmdb"] as const;
type FuzzProgram = (typeof PROGRAMS | typeof DAMAGING)[number];

/** Application in one folder for all runs, since stacks contain its path. */
const app = new App("fuzz");

/** Seeds of a program, and the options of their runs. */
export interface Comparison {
  readonly program: FuzzProgram;
  readonly from: number;
  readonly to: number;
  readonly node: string;
  readonly env?: RunOptions["env"];
  /** Options of Node.js beside ours. */
  readonly flags?: readonly string[];
}

type Seeds = Pick<Comparison, "from" | "to">;

const seedOf = (line: string): number => Number(line.split(" ", 1)[0]);
const linesOf = ({ stdout }: Ended): string[] => stdout.split("\n").slice(0, -1);

/** Returns the standard error without the process id, which warnings of Node.js contain. */
const stderrOf = ({ stderr }: Ended): string => stderr.replaceAll(/\(node:\d+\)/g, "");

/**
 * Runs a program bare and observed, seed by seed. A seed that ends Node.js itself is left out where it does so bare.
 * @throws Error with both outputs of the first seed that differs
 */
export async function compareSeeds(comparison: Comparison): Promise<void> {
  const difference = await differenceOf(comparison);
  if (difference !== undefined) throw new Error(difference);
}

async function differenceOf(comparison: Comparison): Promise<string | undefined> {
  for (let { from } = comparison; from < comparison.to;) {
    const seeds = { from, to: comparison.to };
    const [bare, ours] = await Promise.all([run(comparison, seeds, "bare"), run(comparison, seeds, "observed")]);
    const expected = linesOf(bare);
    const seen = linesOf(ours);
    const at = expected.findIndex((line, i) => line !== seen[i]);
    if (at !== -1) {
      const seed = seedOf(expected[at]!);
      const difference = await describe(comparison, seed);
      if (difference !== undefined) return difference;
      from = seed + 1;
      continue;
    }
    if (ours.signal !== bare.signal || ours.code !== bare.code || stderrOf(ours) !== stderrOf(bare))
      return `after seed ${seedOf(expected.at(-1) ?? `${from}`)}: ${JSON.stringify([bare, ours], ["code", "signal", "stderr"])}`;
    from = bare.code === 0 ? comparison.to : expected.length === 0 ? from + 1 : seedOf(expected.at(-1)!) + 2;
  }
  return undefined;
}

function run(
  { program, node, env, flags = [] }: Comparison,
  { from, to }: Seeds,
  how: "bare" | "observed",
): Promise<Ended> {
  const all = how === "bare" ? flags : [...flags, "--require", REGISTER];
  return app.run(`${program}.cjs`, { node, flags: all, args: [`${from}`, `${to}`], env: { ...env } });
}

/** Describes the first difference; undefined if a damaged engine does not do the same twice. */
async function describe(comparison: Comparison, seed: number): Promise<string | undefined> {
  const seeds = { from: seed, to: seed + 1 };
  const verbose = { ...comparison, env: { ...comparison.env, FUZZ_EVENTS: "1" } };
  const [bare, ours] = await Promise.all([run(verbose, seeds, "bare"), run(verbose, seeds, "observed")]);
  const seen = linesOf(ours);
  const at = linesOf(bare).findIndex((line, i) => line !== seen[i]);
  if (at === -1 && (DAMAGING as readonly string[]).includes(comparison.program)) return undefined;
  return `seed ${seed} of ${comparison.program}, event ${at}:\nbare      ${linesOf(bare)[at]}\nobserved  ${seen[at]}`;
}
