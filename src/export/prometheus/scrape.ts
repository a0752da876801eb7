import type { IncomingMessage, ServerResponse } from "node:http";
import type { MetricReader, ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { SharedRun } from "../../runtime/shared-run.ts";
import { log } from "../../runtime/self-log.ts";
import type { AliasSet } from "../../config/alias-set.ts";
import { withAliases } from "./aliases.ts";
import { expose, type Format } from "./text-format.ts";
import { acceptsGzip, negotiate } from "./negotiate.ts";
import { COMPONENT } from "./omissions.ts";
import { serializationTime } from "../../metrics/self-time.ts";

const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** Minimum bytes that are worth compressing. */
const MIN_COMPRESSED_BYTES = 1_400;

/** Fastest level: a page is read once. */
const COMPRESSION_LEVEL = 1;

/** Metrics of one collection as pages. Each page is rendered once and shared by all scrapers. */
class Snapshot {
  readonly #metrics: ResourceMetrics;
  readonly #pages = new Map<Format, Buffer>();
  readonly #compressed = new Map<Format, Promise<Buffer>>();

  constructor(metrics: ResourceMetrics) {
    this.#metrics = metrics;
  }

  page(format: Format): Buffer {
    const page = this.#pages.get(format) ?? serializationTime(COMPONENT)(() => expose(this.#metrics, format));
    this.#pages.set(format, page);
    return page;
  }

  compressed(format: Format): Promise<Buffer> {
    const compressed = this.#compressed.get(format) ?? gzip(this.page(format));
    this.#compressed.set(format, compressed);
    return compressed;
  }
}

/** Compresses in the thread pool of Node.js. */
const gzip = (page: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    process
      .getBuiltinModule("node:zlib")
      .gzip(page, { level: COMPRESSION_LEVEL }, (error, compressed) => (error ? reject(error) : resolve(compressed)));
  });

/** Handler of the scrapes of a reader: one collection at a time, shared by the scrapers that ask meanwhile. */
export class Scrapes {
  readonly #collection: SharedRun<Snapshot>;

  /** @param aliases sets of names that metrics have beside their own */
  constructor(reader: MetricReader, aliases: readonly AliasSet[] = []) {
    this.#collection = new SharedRun(() => collect(reader, aliases));
  }

  /** Answers one scrape. Responds to a failed collection with an error, not with an empty page. Never rejects. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
      return;
    }
    try {
      await this.#write(await this.#collection.result(), request, response);
    } catch (error) {
      if (!response.headersSent) response.statusCode = 500;
      response.end(`metrics could not be collected: ${String(error)}\n`);
    }
  }

  async #write(snapshot: Snapshot, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const format = negotiate(request.headers.accept);
    const page = this.#collection.rest(() => snapshot.page(format));
    const isCompressed =
      page.length >= MIN_COMPRESSED_BYTES && acceptsGzip(request.headers["accept-encoding"] as string | undefined);
    const body = isCompressed ? await snapshot.compressed(format) : page;
    response.writeHead(200, {
      "content-type": CONTENT_TYPES[format],
      "content-length": body.length,
      vary: "accept, accept-encoding",
      ...(isCompressed && { "content-encoding": "gzip" }),
    });
    response.end(request.method === "HEAD" ? undefined : body);
  }
}

async function collect(reader: MetricReader, aliases: readonly AliasSet[]): Promise<Snapshot> {
  const { resourceMetrics, errors } = await reader.collect();
  await resourceMetrics.resource.waitForAsyncAttributes?.();
  for (const error of errors) log.debug(`a metric could not be collected: ${String(error)}`);
  return new Snapshot(withAliases(resourceMetrics, aliases));
}
