import type { IncomingMessage, ServerResponse } from "node:http";
import type { MetricReader } from "@opentelemetry/sdk-metrics";
import type { Config } from "../config.ts";
import { Guard } from "../guard.ts";
import { late } from "../lazy.ts";
import { log } from "../log.ts";
import { Endpoint } from "../metrics/endpoint.ts";
import { isIdle } from "../metrics/idle.ts";
import { Scrapes } from "../metrics/scrape.ts";
import { chosen } from "../sdk/providers.ts";
import { serviceName } from "../sdk/resource.ts";
import { PrivateSocket } from "./private-socket.ts";

const guard = new Guard("listener");

/** What the pages are made from. */
export interface Source {
  readonly config: Config;
  /** What collects the metrics of the application as well; without one there is no `/metrics`. */
  readonly reader: MetricReader | undefined;
  /** Whether only the user of the process can ask. */
  readonly isPrivate: boolean;
}

/** Never rejects: the application would hear of it. */
async function answerPage(source: Source, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await late().answer(source, request, response);
  } catch (error) {
    log.debug(`a request could not be answered: ${String(error)}`);
    response.destroy();
  }
}

/** What a reader is bound to knows the meters of the application. */
interface Bound {
  readonly _sdkMetricProducer?: { readonly _sharedState: { readonly meterSharedStates: ReadonlyMap<string, unknown> } };
}

const hasMeters = (reader: MetricReader | undefined): boolean =>
  ((reader as unknown as Bound | undefined)?._sdkMetricProducer?._sharedState.meterSharedStates.size ?? 0) > 0;

/** Whether a process has something to show, or serves something and will have; who asks for health is to be answered by any. */
const isService = ({ health }: Config, reader: MetricReader | undefined): boolean =>
  health === "on" || !isIdle() || hasMeters(reader) || process.getActiveResourcesInfo().includes("TCPServerWrap");

/** Listens on the private socket, for the command line tool of this user. @returns stops that */
export function listenPrivately(config: Config): () => void {
  if (config.adminSocket === "off") return () => {};
  const source = { config, reader: undefined, isPrivate: true };
  const socket = new PrivateSocket(
    (request, response) => guard.watch(answerPage(source, request, response)),
    config.adminFolder,
    () => isService(config, undefined),
  );
  return () => socket.close();
}

/**
 * Listens for scrapes, and for probes unless health is off. All but `/metrics` is loaded when it is first asked for.
 * @param isReady whether there is something to show
 */
export function listen(config: Config, reader?: MetricReader, isReady = () => isService(config, reader)): Endpoint {
  const { prometheusHost: host, prometheusPort: port, health } = config;
  const source = { config, reader, isPrivate: false };
  const scrapes = reader && new Scrapes(reader);
  const isSent = reader !== undefined && chosen(config.metricsExporters).includes("otlp");
  const page = reader === undefined ? "health" : "metrics";
  return new Endpoint(
    (request, response) => {
      const [path] = (request.url ?? "/").split("?", 1) as [string];
      if (path === "/metrics" && scrapes !== undefined) guard.watch(scrapes.answer(request, response));
      else if (health === "off") response.writeHead(404).end("not found: /metrics is here\n");
      else guard.watch(answerPage(source, request, response));
    },
    { host, port, page, service: serviceName(config), isSent },
    isReady,
  );
}
