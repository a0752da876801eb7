import { expect } from "chai";
import { REGISTER, type App, type Ended, type RunOptions } from "./app.ts";

/** Standard error without the process id, which warnings of Node.js contain. */
const scrubbed = (ended: Ended): Ended => ({ ...ended, stderr: ended.stderr.replaceAll(/\(node:\d+\)/g, "") });

/** Lines that only one of two texts has, the first few: a diff of thousands of lines takes minutes. */
function differenceOf(bare: string, observed: string): string[] {
  const [expected, seen] = [bare.split("\n"), observed.split("\n")];
  const at = expected.findIndex((line, i) => line !== seen[i]);
  return at === -1 ? [] : [`bare:     ${expected[at]}`, `observed: ${seen[at]}`];
}

/**
 * Runs a program of `test/apps/engine-faults` bare and observed, and checks that its outcome is the same.
 * @param options those of the observed run are in `observed`; the others are those of both
 */
export async function runTwice(
  app: App,
  file: string,
  { observed = {}, flags = [], ...options }: RunOptions & { observed?: RunOptions } = {},
): Promise<Ended> {
  const run = (data: string, more: RunOptions): Promise<Ended> =>
    app.run(file, {
      ...options,
      flags: [...flags, ...(more.flags ?? [])],
      env: { ...options.env, ...more.env, FAULTS_DATA: data },
    });
  const [bare, ours] = await Promise.all([
    run("bare", {}),
    run("ours", { ...observed, flags: [...(observed.flags ?? []), "--require", REGISTER] }),
  ]);
  expect(differenceOf(bare.stdout, ours.stdout)).to.deep.equal([]);
  const { stdout: _a, ...expected } = scrubbed(bare);
  const { stdout: _b, ...outcome } = scrubbed(ours);
  expect(outcome).to.deep.equal(expected);
  return ours;
}
