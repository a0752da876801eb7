/**
 * What observation costs an HTTP server, in processor time per request and in memory. The servers of all variants stay,
 * and take turns of a fraction of a second under the same load, so that whatever else the machine does hits them alike.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { MeasuredProcess } from "./harness/measured-process.ts";
import { scaled, type Bench, type Row, type Sample, type Scenario } from "./harness/scenario.ts";
import { sampling, settings, VARIANTS, type VariantName } from "./harness/variants.ts";
import { NO_DISTRIBUTION } from "./startup.ts";

const CONNECTIONS = 20;
/** Requests of a turn, and those before them: while others had their turn, the processor's caches forgot the server. */
const TURN = 2_000;
const LEAD_IN = 500;
/** The compiler of Node.js is done with a server only after tens of thousands of requests. */
const WARM_UP = 20_000;

const REQUEST = "GET /greeting?name=world HTTP/1.1\r\nhost: localhost\r\nuser-agent: bench\r\naccept: */*\r\n\r\n";
/** The end of a response. */
const END = "\r\n\r\nhello";

/** What a process has used. */
interface Usage {
  readonly microseconds: number;
  readonly bytes: number;
}

class LoadedServer {
  readonly #process: MeasuredProcess;
  #connections: Socket[] = [];

  constructor(variant: VariantName, env: Readonly<Record<string, string>>) {
    this.#process = new MeasuredProcess("server.cjs", VARIANTS[variant], { env });
  }

  async open(): Promise<void> {
    const port = await this.#process.next<number>();
    this.#connections = Array.from({ length: CONNECTIONS }, () => connect(port, "127.0.0.1").setEncoding("latin1"));
    await Promise.all(this.#connections.map((socket) => once(socket, "connect")));
  }

  /** The processor time a request takes, averaged over a number of them, and the memory after them. */
  async cost(requests: number): Promise<Usage> {
    const before = await this.#process.ask<Usage>();
    const rest = keepAwake();
    let left = requests;
    const ask = async (socket: Socket): Promise<void> => {
      while (left-- > 0) {
        socket.write(REQUEST);
        const [response] = (await once(socket, "data")) as [string];
        if (!response.endsWith(END)) throw new Error(`not a whole response: ${response}`);
      }
    };
    await Promise.all(this.#connections.map(ask));
    rest();
    const { microseconds, bytes } = await this.#process.ask<Usage>();
    return { microseconds: (microseconds - before.microseconds) / requests, bytes };
  }

  async close(): Promise<void> {
    for (const socket of this.#connections) socket.destroy();
    await this.#process.kill();
  }
}

/** To wake a client costs the server time; one that never sleeps costs each of them the same. @returns what ends it */
function keepAwake(): () => void {
  let next = setImmediate(function again() {
    next = setImmediate(again);
  });
  return () => clearImmediate(next);
}

/** The servers that run, by what they are. */
const servers = new Map<string, LoadedServer>();

async function serverOf(variant: VariantName, ratio: number, bench: Bench): Promise<LoadedServer> {
  const key = `${variant} ${ratio}`;
  const known = servers.get(key);
  if (known !== undefined) return known;
  const server = new LoadedServer(variant, { ...settings(bench.sink.url), ...sampling(ratio) });
  await server.open();
  servers.set(key, server);
  await server.cost(scaled(WARM_UP, bench));
  return server;
}

async function turn(variant: VariantName, ratio: number, bench: Bench): Promise<{ time: Sample; memory: Sample }> {
  const server = await serverOf(variant, ratio, bench);
  await server.cost(scaled(LEAD_IN, bench));
  const { microseconds, bytes } = await server.cost(scaled(TURN, bench));
  return { time: { value: microseconds }, memory: { value: bytes / 1e6 } };
}

const row = (title: string, aim?: number): Row => ({
  title,
  unit: "µs",
  compare: "ratio",
  ...(aim !== undefined && { aim }),
  absent: NO_DISTRIBUTION,
});

export const http: Scenario<"few" | "all" | "memory"> = {
  rows: {
    few: row("HTTP request, processor time, 1 % sampled", 1.5),
    all: row("HTTP request, processor time, all sampled"),
    memory: { title: "memory under that load", unit: "MB", compare: "difference", absent: NO_DISTRIBUTION },
  },
  turns: 5,
  async measure(variant, bench) {
    const few = await turn(variant, 0.01, bench);
    // Without instrumentation nothing is sampled.
    const all = variant === "bare" ? few : await turn(variant, 1, bench);
    return { few: few.time, all: all.time, memory: all.memory };
  },
  async close() {
    for (const server of servers.values()) await server.close();
    servers.clear();
  },
};
