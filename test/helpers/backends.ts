import { setTimeout } from "node:timers/promises";
import type { Context } from "mocha";
import { Backends, findPrograms, type Programs, type Setting } from "../../collector-config/stack/backends.ts";
import { UNFINISHED } from "../../collector-config/stack/go.ts";
import { temporaryFolder } from "./temp.ts";

/** Milliseconds that the first build of the backends may take. */
const BUILDING = 1_800_000;

/** Starts all backends on loopback; if they are not available, the tests are skipped with a message. */
export async function startBackends(
  test: Context,
  setting: Omit<Setting, "folder"> & { readonly folder?: string } = {},
): Promise<Backends> {
  test.timeout(BUILDING);
  return new Backends(await programsFor(test), { folder: temporaryFolder(), ...setting }).start();
}

/** Unix time in milliseconds until which a build of another process is waited for. */
const DEADLINE = Number(process.env["BACKENDS_UNTIL"] ?? 0) * 1000;

let isSaid = false;

/** Returns the programs of all backends; if one is missing, the test is skipped, and one line says so. */
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

/** Repeats a request until its response is right; fails with the last one. @param seconds timeout */
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
