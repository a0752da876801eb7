import { EventEmitter } from "node:events";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { MetricReader } from "@opentelemetry/sdk-metrics";
import { log } from "../log.ts";
import { expose, type Format } from "./exposition.ts";
import { COMPONENT } from "./omissions.ts";
import { serializationTime } from "./own-time.ts";
import { listenInTime, type Place } from "./port.ts";

const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** What a media range of an `Accept` header asks for, if it is something we have. */
function formatOf(range: string): Format | undefined {
  const [type, ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
  const version = parameters.find((parameter) => parameter.startsWith("version="))?.slice("version=".length);
  if (type === "application/openmetrics-text")
    return version === undefined || version === "1.0.0" ? "openmetrics" : undefined;
  if (type === "text/plain") return version === undefined || version === "0.0.4" ? "text" : undefined;
  return type === "text/*" || type === "*/*" ? "text" : undefined;
}

const qualityOf = (range: string): number => Number(/;\s*q=([\d.]+)/i.exec(range)?.[1] ?? 1);

/** The format a scraper prefers; the classic text where it does not say or wants what we do not have. */
export function negotiate(accept: string | undefined): Format {
  const wanted = (accept ?? "")
    .split(",")
    .map((range) => ({ format: formatOf(range), quality: qualityOf(range) }))
    .filter(({ format, quality }) => format !== undefined && quality > 0)
    .sort((a, b) => b.quality - a.quality);
  return wanted[0]?.format ?? "text";
}

/** Answers one scrape. A collection that fails is an error to the scraper, not an empty page. */
export async function serveMetrics(
  reader: MetricReader,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { resourceMetrics, errors } = await reader.collect();
    await resourceMetrics.resource.waitForAsyncAttributes?.();
    for (const error of errors) log.debug(`a metric could not be collected: ${String(error)}`);
    const format = negotiate(request.headers.accept);
    response.setHeader("content-type", CONTENT_TYPES[format]);
    const page = serializationTime(COMPONENT)(() => expose(resourceMetrics, format));
    response.end(page);
  } catch (error) {
    response.statusCode = 500;
    response.end(`metrics could not be collected: ${String(error)}\n`);
  }
}

/** Milliseconds for which a connection may stand still. */
const LONGEST_SILENCE = 30_000;

/** Milliseconds a request may take to arrive, and between two looks for those that take longer. */
const ARRIVAL = { headersTimeout: 10_000, requestTimeout: 10_000, connectionsCheckingInterval: 5_000 };

/** The listener for scrapes and probes. It keeps no process alive and its own requests are not traced. */
export class Endpoint {
  readonly #server: Server;
  readonly #giveUp: () => void;

  /** @param isReady whether there is something to show */
  constructor(answer: RequestListener, place: Place, isReady: () => boolean) {
    this.#server = process.getBuiltinModule("node:http").createServer(ARRIVAL, answer);
    // HTTP instrumentation patches the prototype's emit; a scrape is not a request of the application.
    this.#server.emit = EventEmitter.prototype.emit;
    this.#server.on("connection", (socket) => socket.unref());
    // A scraper that does not read its page is not waited for.
    this.#server.timeout = LONGEST_SILENCE;
    this.#server.unref();
    this.#giveUp = listenInTime(this.#server, place, isReady);
  }

  close(): void {
    this.#giveUp();
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
