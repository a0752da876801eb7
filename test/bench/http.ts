/**
 * What observation costs an HTTP server, in processor time per request. The servers of the variants all run, and take
 * turns of a fraction of a second under the same load, so that whatever else the machine does hits them alike.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { OFFLINE, REGISTER } from "./variants.ts";

const SOME = { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.01" };
const ALL = { OTEL_TRACES_SAMPLER: "parentbased_always_on" };

/** How a server is observed: its environment, or nothing. */
const HTTP_VARIANTS = {
  "no instrumentation": undefined,
  "stratascope, 1 % sampled": { STRATASCOPE_HTTP: "on", ...SOME },
  "stratascope, all sampled": { STRATASCOPE_HTTP: "on", ...ALL },
  "instrumentation-http, 1 % sampled": { STRATASCOPE_HTTP: "instrumentation-http", ...SOME },
  "instrumentation-http, all sampled": { STRATASCOPE_HTTP: "instrumentation-http", ...ALL },
} as const satisfies Record<string, Readonly<Record<string, string>> | undefined>;

type HttpVariantName = keyof typeof HTTP_VARIANTS;

const CONNECTIONS = 20;
/** Requests of a turn. */
const TURN = 1_500;
const TURNS_PER_ROUND = 12;
/** The compiler of Node.js is done with a server only after tens of thousands of requests. */
const WARM_UP = 40_000;

const REQUEST = "GET /greeting?name=world HTTP/1.1\r\nhost: localhost\r\nuser-agent: bench\r\naccept: */*\r\n\r\n";
/** The end of a response. */
const END = "\r\n\r\nhello";

class MeasuredServer {
  readonly #process: ChildProcess;
  #connections: Socket[] = [];

  constructor(env: Readonly<Record<string, string>> | undefined, collector: string) {
    const preload = env === undefined ? [] : ["--require", REGISTER];
    this.#process = fork(join(import.meta.dirname, "http-server.ts"), {
      execArgv: ["--experimental-strip-types", "--disable-warning=ExperimentalWarning", ...preload],
      env: {
        ...process.env,
        ...OFFLINE,
        OTEL_BSP_SCHEDULE_DELAY: "5000",
        OTEL_EXPORTER_OTLP_ENDPOINT: collector,
        ...env,
      },
    });
  }

  async open(): Promise<void> {
    const [port] = (await once(this.#process, "message")) as [number];
    this.#connections = Array.from({ length: CONNECTIONS }, () => connect(port, "127.0.0.1").setEncoding("latin1"));
    await Promise.all(this.#connections.map((socket) => once(socket, "connect")));
  }

  /** Microseconds of processor time a request takes, averaged over a number of them. */
  async cost(requests: number): Promise<number> {
    const before = await this.#used();
    let left = requests;
    const ask = async (socket: Socket): Promise<void> => {
      while (left-- > 0) {
        socket.write(REQUEST);
        const [response] = (await once(socket, "data")) as [string];
        if (!response.endsWith(END)) throw new Error(`not a whole response: ${response}`);
      }
    };
    await Promise.all(this.#connections.map(ask));
    return ((await this.#used()) - before) / requests;
  }

  close(): void {
    for (const socket of this.#connections) socket.destroy();
    this.#process.disconnect();
  }

  async #used(): Promise<number> {
    this.#process.send("used");
    const [microseconds] = (await once(this.#process, "message")) as [number];
    return microseconds;
  }
}

/** A Collector that takes everything. */
async function collect(): Promise<Server> {
  const server = createServer((request, response) => request.resume().on("end", () => response.end()));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return server;
}

/** To wake a client costs the server time; one that never sleeps costs each of them the same. @returns what ends it */
function keepAwake(): () => void {
  let next = setImmediate(function again() {
    next = setImmediate(again);
  });
  return () => clearImmediate(next);
}

/** What a variant costs. */
export interface HttpResult {
  readonly variant: HttpVariantName;
  /** Processor time relative to that of no instrumentation. */
  readonly ratio: number;
  readonly microseconds: number;
}

/** The lower quartile: whatever else the machine does only adds, and it adds to some of the turns. */
const quiet = (costs: readonly number[]): number => costs.toSorted((a, b) => a - b)[costs.length >> 2]!;

function summarise(costs: ReadonlyMap<HttpVariantName, readonly number[]>): HttpResult[] {
  const bare = quiet(costs.get("no instrumentation")!);
  return Array.from(costs, ([variant, turns]) => ({
    variant,
    ratio: quiet(turns) / bare,
    microseconds: quiet(turns),
  }));
}

export async function measureHttp(rounds: number): Promise<HttpResult[]> {
  const collector = await collect();
  const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const names = Object.keys(HTTP_VARIANTS) as HttpVariantName[];
  const servers = names.map((name) => [name, new MeasuredServer(HTTP_VARIANTS[name], url)] as const);
  await Promise.all(servers.map(([, server]) => server.open()));
  const costs = new Map<HttpVariantName, number[]>(names.map((name) => [name, []]));
  const rest = keepAwake();
  for (const [, server] of servers) await server.cost(WARM_UP);
  for (let turn = 0; turn < rounds * TURNS_PER_ROUND; turn++) {
    for (const [name, server] of servers) costs.get(name)!.push(await server.cost(TURN));
  }
  rest();
  for (const [, server] of servers) server.close();
  collector.close();
  collector.closeAllConnections();
  return summarise(costs);
}
