import { withoutNone } from "../config/option.ts";
import type { IncomingMessage, ServerResponse } from "node:http";
import { resolve } from "node:path";
import type { MetricReader } from "@opentelemetry/sdk-metrics";
import type { Config } from "../config/index.ts";
import { guard } from "./guard.ts";
import { adminChunk, loadChunk } from "../runtime/chunks.ts";
import { log } from "../runtime/self-log.ts";
import { isIdle } from "../metrics/idle.ts";
import type { Scrapes } from "../export/prometheus/scrape.ts";
import { serviceName } from "../config/service-name.ts";
import type * as Listening from "./listening.ts";
import type { PrivateSocket } from "./private-socket.ts";

/** Reader of the application's metrics and ours. */
export interface Scraped {
  /** True if the application has metrics of its own. */
  readonly isUsed: boolean;
  readonly reader: MetricReader;
}

/** Data behind the pages. */
export interface Source {
  readonly config: Config;
  /** Metrics for `/metrics`, which does not exist without them. */
  readonly metrics: Scraped | undefined;
  /** True if only the user of the process can send requests. */
  readonly isPrivate: boolean;
}

/** Chunk that answers requests, loaded with the first one. */
export interface PagesChunk {
  answer(source: Source, request: IncomingMessage, response: ServerResponse): Promise<void>;
  readonly Scrapes: new (reader: MetricReader, aliases?: Config["metricAliases"]) => Scrapes;
}

const admin = (): PagesChunk => adminChunk<PagesChunk>();

/** Answers a request, or closes its connection if that fails. Never rejects: the rejection would reach the application. */
async function answerBy(answer: () => Promise<void>, response: ServerResponse): Promise<void> {
  try {
    await answer();
  } catch (error) {
    log.debug(`a request could not be answered: ${String(error)}`);
    response.destroy();
  }
}

/** Returns what answers requests for the pages of a source. */
const answering =
  (source: Source) =>
  (request: IncomingMessage, response: ServerResponse): void =>
    guard.watch(answerBy(async () => admin().answer(source, request, response), response));

/**
 * Tells whether a process has something to show, or serves something and will have. Health checks must be answered by
 * any service.
 */
const isService = ({ health }: Config, metrics: Scraped | undefined): boolean =>
  health === "on" ||
  !isIdle() ||
  metrics?.isUsed === true ||
  process.getActiveResourcesInfo().includes("TCPServerWrap");

/** Milliseconds between two checks whether there is something to show. */
const LOOK_MS = 500;

/** Resource that can be closed. */
interface Closable {
  close(): void;
}

/**
 * Listens once there is something to show: a short-lived process must not take the port from the service that starts
 * beside it.
 */
function listenOnce<T extends Closable>(isReady: () => boolean, begin: (classes: typeof Listening) => T): Closable {
  let listening: T | undefined;
  const look = guard.callback(() => {
    if (!isReady()) return;
    // Tried again if it cannot be loaded: the application may have a file system of its own in place.
    const classes = loadChunk<typeof Listening>("src/server/listening");
    clearInterval(timer);
    listening = begin(classes);
  });
  const timer = setInterval(look, LOOK_MS).unref();
  return {
    close() {
      clearInterval(timer);
      listening?.close();
    },
  };
}

/** Private socket of this process. */
let socket: PrivateSocket | undefined;

/** Removes the file of the private socket, as the process ends. Never throws. */
export const removeSocket = (): void => socket?.remove();

/**
 * Listens on the private socket, for the command line tool of this user.
 * @returns a function that stops listening
 */
export function listenPrivately(config: Config): () => void {
  if (config.adminSocket === "off") return () => {};
  const source = { config, metrics: undefined, isPrivate: true };
  // The working directory can be another one by the time the process listens.
  const folder = config.adminFolder === "" ? "" : resolve(config.adminFolder);
  const socketListener = listenOnce(
    () => isService(config, undefined),
    ({ PrivateSocket }) => (socket = new PrivateSocket(answering(source), folder)),
  );
  return () => socketListener.close();
}

/**
 * Listens for scrapes, and for probes unless health is off. Everything but `/metrics` is loaded with the first request
 * for it.
 * @param isReady tells whether there is something to show
 */
export function listen(config: Config, metrics?: Scraped, isReady = () => isService(config, metrics)): Closable {
  const { prometheusHost: host, prometheusPort: port, health } = config;
  const answerPage = answering({ config, metrics, isPrivate: false });
  let scrapes: Scrapes | undefined;
  const isSent = metrics !== undefined && withoutNone(config.metricsExporters).includes("otlp");
  const page = metrics === undefined ? "health" : "metrics";
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const [path] = (request.url ?? "/").split("?", 1) as [string];
    if (path === "/metrics" && metrics !== undefined) {
      const scrape = async (): Promise<void> =>
        (scrapes ??= new (admin().Scrapes)(metrics.reader, config.metricAliases)).answer(request, response);
      guard.watch(answerBy(scrape, response));
    } else if (health === "off") response.writeHead(404).end("not found: /metrics is here\n");
    else answerPage(request, response);
  };
  const place = { host, port, page, service: serviceName(config), isSent } as const;
  return listenOnce(isReady, ({ Endpoint }) => new Endpoint(answer, place));
}
