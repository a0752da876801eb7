/** What spans cost the Collectors: `npm run stack:measure`. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Backends, findPrograms } from "./backends.ts";
import type { Daemon } from "./daemon.ts";
import { Load, sendTraces } from "./load.ts";

const SECONDS = 15;
const IN_FLIGHT = 4;
/** Traces in a request. */
const TRACES = 100;
/** Ticks of a second in /proc. */
const TICKS = 100;

interface Usage {
  readonly processorSeconds: number;
  readonly residentBytes: number;
}

/** What a process has used so far, as Linux counts it. */
function usageOf({ pid }: Daemon): Usage {
  // The name of the program stands in parentheses and may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1];
  return { processorSeconds: (user + system) / TICKS, residentBytes: 1_024 * Number(resident) };
}

async function sendFor(seconds: number, otlpUrl: string, load: Load): Promise<number> {
  const until = performance.now() + seconds * 1000;
  let accepted = 0;
  const sender = async (): Promise<void> => {
    while (performance.now() < until) {
      if (await sendTraces(otlpUrl, load.next())) accepted += load.spans;
      else await setTimeout(20);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, sender));
  return accepted;
}

async function accepted(url: string): Promise<number> {
  const page = await (await fetch(url)).text();
  const counts = page.matchAll(/^otelcol_receiver_accepted_spans_total\{.*\} (\S+)$/gm);
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

async function main(): Promise<number> {
  const programs = findPrograms();
  if (typeof programs === "string") {
    console.error(`not measured: ${programs}`);
    return 1;
  }
  const folder = mkdtempSync(join(tmpdir(), "stratascope-measure-"));
  const backends = new Backends(programs, { folder });
  try {
    await backends.start();
    const { agent, gateway, sampler } = backends;
    const daemons = { agent, gateway, sampler };
    const load = new Load("measure", TRACES, 0.02);
    await sendFor(2, backends.otlpUrl, load);
    const before = Object.values(daemons).map(usageOf);
    const start = performance.now();
    const sent = await sendFor(SECONDS, backends.otlpUrl, load);
    const seconds = (performance.now() - start) / 1000;
    // The rest waits on disk.
    for (let last = -1, now = 0; last !== now; last = now, now = await accepted(backends.metricsUrl("sampler")))
      await setTimeout(3_000);
    console.log(
      `${cpus().length} x ${cpus()[0]!.model}; ${(load.bytes / load.spans).toFixed(0)} bytes a span; ${Math.round(sent / seconds)} spans a second\n`,
    );
    for (const [i, [name, daemon]] of Object.entries(daemons).entries()) {
      const { processorSeconds, residentBytes } = usageOf(daemon);
      const perSecond = Math.round(sent / (processorSeconds - before[i]!.processorSeconds));
      const memory = Math.round(residentBytes / 1_048_576);
      console.log(`${name.padEnd(8)} ${String(perSecond).padStart(8)} spans for a second of processor, ${memory} MiB`);
    }
    return 0;
  } finally {
    await backends.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();
