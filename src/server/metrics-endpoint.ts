import { EventEmitter } from "node:events";
import type { RequestListener, Server } from "node:http";
import { Connections } from "./connections.ts";
import { nameOf, PortListener, type Place } from "./port.ts";

/** Bytes of a request's headers, and milliseconds it may take to arrive and between two looks for those that take longer. */
const LIMITS = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 5_000,
};

/** A server that keeps no process alive and whose requests are not traced. */
export function quietServer(): Server {
  const server = process.getBuiltinModule("node:http").createServer(LIMITS);
  // HTTP instrumentation patches the prototype's emit; a scrape is not a request of the application.
  server.emit = EventEmitter.prototype.emit;
  return server.unref();
}

/** The listener for scrapes and probes. */
export class Endpoint {
  readonly #port: PortListener;

  constructor(answer: RequestListener, place: Place) {
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
