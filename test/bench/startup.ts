/**
 * What observation costs at the start. The processes of the variants follow each other in rounds, so that whatever
 * else the machine does hits them alike.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { OFFLINE, REGISTER } from "./variants.ts";

/** One way to start an application. */
export interface StartupVariant {
  readonly name: string;
  readonly nodeArgs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The first is what the others are compared with. */
export const STARTUP_VARIANTS: readonly StartupVariant[] = [
  { name: "no instrumentation", nodeArgs: [], env: {} },
  {
    name: "stratascope",
    nodeArgs: ["--require", REGISTER],
    env: { ...OFFLINE, OTEL_METRICS_EXPORTER: "otlp,prometheus", OTEL_LOGS_EXPORTER: "otlp" },
  },
];

const APPS = join(import.meta.dirname, "startup-apps.cjs");
const MIB = 2 ** 20;
/** One process tells little, and takes little time. */
const PROCESSES_PER_ROUND = 4;

function start(app: string, { nodeArgs, env }: StartupVariant): ReturnType<typeof spawn> {
  return spawn(process.execPath, [...nodeArgs, APPS, app], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** What a start takes, in milliseconds; of a service also the MiB it occupies then. */
interface Cost {
  readonly milliseconds: number;
  readonly mebibytes?: number;
}

const MEASUREMENTS = {
  /** From the start of the process until its first request is answered. */
  async service(variant: StartupVariant): Promise<Cost> {
    const child = start("service", variant);
    const [port] = (await once(child.stdout!, "data")) as [Buffer];
    const response = await fetch(`http://127.0.0.1:${String(port).trim()}/`);
    const { milliseconds, bytes } = (await response.json()) as { milliseconds: number; bytes: number };
    child.kill("SIGKILL");
    await once(child, "exit");
    return { milliseconds, mebibytes: bytes / MIB };
  },
  /** From the start of the process to its end. */
  async command(variant: StartupVariant): Promise<Cost> {
    const begin = performance.now();
    await once(start("command", variant), "exit");
    return { milliseconds: performance.now() - begin };
  },
  /** From the start of the thread to its end. */
  async worker(variant: StartupVariant): Promise<Cost> {
    return { milliseconds: Number(await text(start("worker", variant).stdout!)) };
  },
} as const satisfies Record<string, (variant: StartupVariant) => Promise<Cost>>;

export type StartupMeasurement = keyof typeof MEASUREMENTS;

/** The medians of a variant. */
export interface StartupResult {
  readonly measurement: StartupMeasurement;
  readonly variant: string;
  readonly milliseconds: number;
  readonly mebibytes: number | undefined;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

async function compare(
  measurement: StartupMeasurement,
  variants: readonly StartupVariant[],
  processes: number,
): Promise<StartupResult[]> {
  const costs = variants.map((): Cost[] => []);
  for (let i = 0; i < processes; i++) {
    for (const [j, variant] of variants.entries()) costs[j]!.push(await MEASUREMENTS[measurement](variant));
  }
  return variants.map(({ name }, j) => {
    const sizes = costs[j]!.flatMap(({ mebibytes }) => mebibytes ?? []);
    return {
      measurement,
      variant: name,
      milliseconds: median(costs[j]!.map(({ milliseconds }) => milliseconds)),
      mebibytes: sizes.length === 0 ? undefined : median(sizes),
    };
  });
}

export async function measureStartup(
  rounds: number,
  variants: readonly StartupVariant[] = STARTUP_VARIANTS,
): Promise<StartupResult[]> {
  const results: StartupResult[] = [];
  for (const measurement of Object.keys(MEASUREMENTS) as StartupMeasurement[]) {
    results.push(...(await compare(measurement, variants, rounds * PROCESSES_PER_ROUND)));
  }
  return results;
}
