import { setTimeout } from "node:timers/promises";
import type { Context } from "mocha";
import { Backends, findPrograms, type Programs, type Setting } from "../../collector-config/stack/backends.ts";
import { UNFINISHED } from "../../collector-config/stack/go.ts";
import { temporaryFolder } from "./temp.ts";

/** Building what is not there yet takes minutes, once. */
const BUILDING = 1_800_000;

/** All backends on loopback; where they cannot be had, the tests are not run, and say so. */
export async function startBackends(
  test: Context,
  setting: Omit<Setting, "folder"> & { readonly folder?: string } = {},
): Promise<Backends> {
  test.timeout(BUILDING);
  return new Backends(await programsFor(test), { folder: temporaryFolder(), ...setting }).start();
}

/** In milliseconds of Unix time: until then, what another process still builds is waited for. */
const DEADLINE = Number(process.env["BACKENDS_UNTIL"] ?? 0) * 1000;

let isSaid = false;

/** The programs of all backends; where there are not all of them, the test is not run, and one line for all says so. */
export async function programsFor(test: Context): Promise<Programs> {
  let programs = findPrograms();
  while (typeof programs === "string" && programs.includes(UNFINISHED) && Date.now() < DEADLINE) {
    await setTimeout(2_000);
    programs = findPrograms();
  }
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
      await setTimeout(300);
    }
  }
}
