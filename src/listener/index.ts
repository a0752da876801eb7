import type { IncomingMessage, ServerResponse } from "node:http";
import type { MetricReader } from "@opentelemetry/sdk-metrics";
import type { Config } from "../config.ts";
import { late } from "../lazy.ts";
import { log } from "../log.ts";
import { Endpoint, serveMetrics } from "../metrics/endpoint.ts";

/** What the pages are made from. */
export interface Source {
  readonly config: Config;
  /** What collects the metrics of the application as well; without one there is no `/metrics`. */
  readonly reader: MetricReader | undefined;
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

/** Listens for scrapes, and for probes unless health is off. All but `/metrics` is loaded when it is first asked for. */
export function listen(config: Config, reader?: MetricReader): Endpoint {
  const { prometheusHost: host, prometheusPort: port, health } = config;
  const source = { config, reader };
  return new Endpoint(
    (request, response) => {
      const [path] = (request.url ?? "/").split("?", 1) as [string];
      if (path === "/metrics" && reader !== undefined) void serveMetrics(reader, request, response);
      else if (health === "off") response.writeHead(404).end("not found: /metrics is here\n");
      else void answerPage(source, request, response);
    },
    { host, port, page: reader === undefined ? "health" : "metrics" },
  );
}
