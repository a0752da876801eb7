import type { Agent, IncomingMessage, RequestOptions } from "node:http";
import { promisify } from "node:util";
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";
import { loadNow } from "../lazy.ts";
import { SCOPE } from "../scope.ts";
import type { Answer, Batch, Signal } from "./batch.ts";
import { letProcessEnd } from "./connecting.ts";
import { reasonOf } from "./reachability.ts";

/** How a signal is sent. */
export interface ClientOptions {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly compression: "none" | "gzip";
  readonly timeoutMillis: number;
}

/** What OTLP says to send again. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** A response says less in far less; more is not kept. */
const LONGEST_RESPONSE = 64 * 1024;

/** Who sends, as OTLP asks for it. */
const AGENT = `${SCOPE.name}/${SCOPE.version} OTel-OTLP-Exporter-JavaScript`;

type Settings = ReturnType<typeof import("./wire.ts").requestSettings>;

const wire = (): typeof import("./wire.ts") => loadNow("otlp/wire");

/** Sends batches of one signal, each with one request. */
export class Client {
  readonly #signal: Signal;
  readonly #options: ClientOptions;
  #settings: Settings | undefined;
  #agent: Agent | undefined;

  constructor(signal: Signal, options: ClientOptions) {
    this.#signal = signal;
    this.#options = options;
  }

  /** One attempt. Never rejects, and does not keep the process alive. */
  async post(batch: Batch): Promise<Answer> {
    try {
      const { body, headers } = await this.#encode(batch);
      // An idle connection that the other side has just closed says nothing of whether it would take the batch.
      return (await this.#exchange(body, headers, batch)) ?? (await this.#exchange(body, headers, batch, true))!;
    } catch (error) {
      return { outcome: "refused", reason: reasonOf(error), errorType: error instanceof Error ? error.name : "_OTHER" };
    }
  }

  async #encode({ body, contentType }: Batch): Promise<{ body: Uint8Array; headers: Record<string, string> }> {
    const { headers } = (this.#settings ??= wire().requestSettings(this.#signal, this.#options as never));
    const plain = { "User-Agent": AGENT, ...(await headers()), "Content-Type": contentType };
    if (this.#options.compression === "none") return { body, headers: plain };
    const gzip = promisify(process.getBuiltinModule("node:zlib").gzip);
    return { body: await gzip(body), headers: { ...plain, "Content-Encoding": "gzip" } };
  }

  /** @returns nothing if an idle connection was found closed and the batch can be sent over a new one */
  // oxlint-disable-next-line max-params -- the parts of one request
  async #exchange(
    body: Uint8Array,
    headers: Record<string, string>,
    batch: Batch,
    isLast = false,
  ): Promise<Answer | undefined> {
    const url = new URL(this.#options.url);
    const { request } = process.getBuiltinModule(url.protocol === "http:" ? "node:http" : "node:https");
    this.#agent ??= (await this.#settings!.agentFactory(url.protocol)) as Agent;
    const options: RequestOptions = {
      method: "POST",
      headers: { ...headers, "Content-Length": body.length },
      agent: this.#agent,
      signal: AbortSignal.timeout(this.#options.timeoutMillis),
    };
    return new Promise((resolve) => {
      // Our own requests are none of the application's, and belong to no trace of it.
      context.with(suppressTracing(ROOT_CONTEXT), () => {
        const sent = request(url, options, (response) => void this.#read(response, batch).then(resolve));
        letProcessEnd(sent);
        sent.on("error", (error: NodeJS.ErrnoException) => {
          const isStale = sent.reusedSocket && error.code === "ECONNRESET";
          if (isStale && !isLast) resolve(undefined);
          else resolve({ outcome: "later", reason: this.#explain(error) });
        });
        sent.end(body);
      });
    });
  }

  #explain(error: Error): string {
    return error.name === "TimeoutError" || error.cause instanceof DOMException
      ? `no answer within ${this.#options.timeoutMillis} ms`
      : reasonOf(error);
  }

  async #read(response: IncomingMessage, batch: Batch): Promise<Answer> {
    const { statusCode = 0 } = response;
    const body = await bodyOf(response);
    if (statusCode >= 200 && statusCode < 300) return acceptance(body, batch);
    const reason = `it was answered with ${statusCode}`;
    if (!RETRYABLE.has(statusCode)) return { outcome: "refused", reason, errorType: String(statusCode) };
    return { outcome: "later", reason, afterMilliseconds: waitOf(response.headers["retry-after"]) };
  }
}

/** What arrives of a body; that the rest does not, changes nothing of the status. */
async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > LONGEST_RESPONSE) break;
      chunks.push(chunk);
    }
  } catch {
    // Closed in the middle.
  }
  return Buffer.concat(chunks);
}

/** A Collector that accepts a batch may still take items out; one that answers something else has accepted it all. */
function acceptance(body: Buffer, { signal, contentType }: Batch): Answer {
  try {
    const { partialSuccess } = wire().SERIALIZERS[contentType]![signal].deserializeResponse(body);
    const { rejectedSpans, rejectedDataPoints, rejectedLogRecords, errorMessage } = partialSuccess ?? {};
    const rejected = Number(rejectedSpans ?? rejectedDataPoints ?? rejectedLogRecords ?? 0);
    return { outcome: "accepted", rejected: rejected > 0 ? rejected : 0, message: errorMessage ?? undefined };
  } catch {
    return { outcome: "accepted", rejected: 0 };
  }
}

/** `Retry-After` in milliseconds: it holds seconds or a date. */
function waitOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  const wait = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1000;
  return wait > 0 ? wait : undefined;
}
