/**
 * `engine.ts WORK PAIRS`: tells what work costs inside of a span, relative to the same work done by an unobserved copy
 * of the engine in the same process, in turns of a few milliseconds.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trace } from "@opentelemetry/api";
import { copyPackage } from "../../helpers/copy.ts";
import { packagesOf } from "../../helpers/drivers.ts";
import { ENGINE_WORK, type EngineWork, type EngineWorkName } from "./engine-work.ts";
import { PER_PAIR, report, type Pair } from "./pair.ts";

const require = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "stratascope-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** The engine from a folder that is no `node_modules`, with native code of its own: no hook knows it. */
const unobserved = (name: string): unknown => require(copyPackage(name, join(folder, "engine")));

/** A chunk of work, with the promise of its end if it does not end at once. */
type Run = () => Promise<unknown> | undefined;

const BODIES: Readonly<Record<"none" | NonNullable<EngineWork["awaits"]>, string>> = {
  none: "() => { for (let i = 0; i < chunk; i++) work(); }",
  all: "() => { const all = []; for (let i = 0; i < chunk; i++) all.push(work()); return Promise.all(all); }",
  last: "() => { let last; for (let i = 0; i < chunk; i++) last = work(); return last; }",
};

/** A function of its own for each engine, so that the compiler treats neither as the other. */
async function chunkOf(module: unknown, place: string, { prepare, chunk, awaits }: EngineWork): Promise<Run> {
  const work = await prepare(module as never, join(folder, place));
  // oxlint-disable-next-line typescript/no-implied-eval -- the text is one of those above
  return new Function("work", "chunk", `return ${BODIES[awaits ?? "none"]}`)(work, chunk) as Run;
}

/** Nanoseconds. */
async function time(run: Run): Promise<number> {
  const start = process.hrtime.bigint();
  const running = run();
  if (running instanceof Promise) await running;
  return Number(process.hrtime.bigint() - start);
}

const inSpan = (run: Run): Promise<number> =>
  trace.getTracer("bench").startActiveSpan("work", async (span) => {
    const nanoseconds = await time(run);
    span.end();
    return nanoseconds;
  });

const [name, count] = process.argv.slice(2) as [EngineWorkName, string];
const work: EngineWork = ENGINE_WORK[name];
const bare = await chunkOf(unobserved(work.package), "bare", work);
// As the package itself resolves it: one can be compiled in another folder.
const [[, packaged]] = packagesOf(work.package) as [[string, string]];
const observedModule: unknown = createRequire(join(packaged, "package.json"))(work.package);
const observed = await chunkOf(observedModule, "observed", work);
const pairs: Pair[] = [];
for (let i = 0; i < PER_PAIR * Number(count); i++)
  pairs.push({ bare: await time(bare), observed: await inSpan(observed) });
report(pairs, work.chunk);
