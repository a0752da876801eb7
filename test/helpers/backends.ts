import type { Context } from "mocha";
import { Backends, findPrograms, type Programs, type Setting } from "../../collector-config/stack/backends.ts";
import { temporaryFolder } from "./temp.ts";

/** Building what is not there yet takes minutes, once. */
const BUILDING = 1_800_000;

/** All backends on loopback; where they cannot be had, the tests are not run, and say so. */
export async function startBackends(
  test: Context,
  setting: Omit<Setting, "folder"> & { readonly folder?: string } = {},
): Promise<Backends> {
  test.timeout(BUILDING);
  return new Backends(programsFor(test), { folder: temporaryFolder(), ...setting }).start();
}

let isSaid = false;

/** The programs of all backends; where there are not all of them, the test is not run, and one line for all says so. */
export function programsFor(test: Context): Programs {
  const programs = findPrograms();
  if (typeof programs !== "string") return programs;
  if (!isSaid) console.log(`      what needs the backends is not run: ${programs}`);
  isSaid = true;
  return test.skip();
}

/** Asks again until the answer is right; fails with the last one. @param seconds how long it may take */
export async function eventually<T>(seconds: number, ask: () => Promise<T>, check: (answer: T) => void): Promise<T> {
  const until = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask().catch((error: unknown) => error as Error);
    try {
      if (answer instanceof Error) throw answer;
      check(answer);
      return answer;
    } catch (error) {
      if (performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
}
