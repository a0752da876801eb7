import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { Background } from "./background.ts";
import { readEvents, type Event } from "./events.ts";
import { Metrics } from "./metrics.ts";
import type { OtlpLogs, OtlpMetrics, OtlpSpans } from "./otlp.ts";
import { Traces } from "./traces.ts";

/** What a Collector would be: takes OTLP over HTTP as JSON, and keeps what the demo shows. */
export class Receiver {
  readonly traces: Traces = new Traces();
  readonly background: Background = new Background();
  readonly metrics: Metrics = new Metrics();
  readonly events: Event[] = [];
  readonly #server: Server = createServer((request, response) => {
    void this.#receive(request).then((status) => {
      response.writeHead(status, { "content-type": "application/json" }).end("{}");
    });
  });

  /** @returns its address */
  async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(0, "127.0.0.1", resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #receive(request: IncomingMessage): Promise<number> {
    try {
      const body = await json(request);
      if (request.url === "/v1/metrics") this.metrics.add(body as OtlpMetrics);
      else if (request.url === "/v1/traces") this.#addSpans(body as OtlpSpans);
      else if (request.url === "/v1/logs") this.events.push(...readEvents(body as OtlpLogs));
      return 200;
    } catch {
      return 400;
    }
  }

  #addSpans({ resourceSpans }: OtlpSpans): void {
    const scopes = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans);
    for (const span of scopes.flatMap(({ spans }) => spans)) {
      this.traces.add(span);
      this.background.add(span);
    }
  }
}
