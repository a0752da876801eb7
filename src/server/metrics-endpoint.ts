import { EventEmitter } from "node:events";
import type { RequestListener, Server } from "node:http";
import { Connections } from "./connections.ts";
import { nameOf, PortListener, type ListenerAddress } from "./port.ts";

/**
 * Maximum bytes of a request's headers; milliseconds in which a request must arrive, and between two checks for late
 * ones.
 */
const LIMITS = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 5_000,
};

/** Creates a server that does not keep the process alive and whose requests are not traced. */
export function quietServer(): Server {
  const server = process.getBuiltinModule("node:http").createServer(LIMITS);
  // HTTP instrumentation patches `emit` of the prototype; a scrape is not a request of the application.
  server.emit = EventEmitter.prototype.emit;
  return server.unref();
}

/** Listener for scrapes and probes. */
export class MetricsEndpoint {
  readonly #port: PortListener;

  constructor(answer: RequestListener, place: ListenerAddress) {
    const server = quietServer();
    const connections = new Connections(server, (request, response) => {
      response.setHeader("server", nameOf(place.service));
      answer(request, response);
    });
    this.#port = new PortListener({ server, closeAll: () => connections.closeAll() }, place);
  }

  close(): void {
    this.#port.close();
  }
}
