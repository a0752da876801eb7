import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Handler of a request whose body the Collector has read. */
export type Fault = (response: ServerResponse, request: IncomingMessage, body: Buffer) => void;

/** Collector that responds to each request as a test defines. */
export class FaultyCollector {
  /** Times of the requests in milliseconds, by path. */
  readonly requests = new Map<string, number[]>();
  readonly #server: Server;

  constructor(fault: Fault) {
    this.#server = createServer((request, response) => {
      const path = request.url ?? "";
      this.requests.set(path, [...(this.requests.get(path) ?? []), performance.now()]);
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => fault(response, request, Buffer.concat(chunks)));
      request.on("error", () => {});
    });
  }

  async start(port = 0): Promise<void> {
    this.#server.listen(port, "127.0.0.1");
    await new Promise((resolve) => this.#server.once("listening", resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
