import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { readHistogram, type Histogram } from "./histogram.ts";
import { readAttributes, type Attributes, type OtlpMetrics, type OtlpSpans } from "./otlp.ts";
import { Traces } from "./traces.ts";

/** One series of a histogram metric. */
export interface Series {
  readonly attributes: Attributes;
  readonly histogram: Histogram;
}

/** What a Collector would be: takes OTLP over HTTP as JSON, and keeps what the demo shows. */
export class Receiver {
  readonly traces: Traces = new Traces();
  /** The histograms of the last export. They are cumulative, so each export has all of the one before. */
  readonly metrics: Map<string, readonly Series[]> = new Map();
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
      if (request.url === "/v1/metrics") this.#addMetrics(body as OtlpMetrics);
      else if (request.url === "/v1/traces") this.#addSpans(body as OtlpSpans);
      return 200;
    } catch {
      return 400;
    }
  }

  #addMetrics({ resourceMetrics }: OtlpMetrics): void {
    const metrics = resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics).flatMap(({ metrics }) => metrics);
    for (const { name, exponentialHistogram } of metrics) {
      const series = exponentialHistogram?.dataPoints.map((point) => {
        return { attributes: readAttributes(point.attributes), histogram: readHistogram(point) };
      });
      if (series !== undefined) this.metrics.set(name, series);
    }
  }

  #addSpans({ resourceSpans }: OtlpSpans): void {
    const scopes = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans);
    for (const { spans } of scopes) for (const span of spans) this.traces.add(span);
  }
}
