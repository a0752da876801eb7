import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import type { Duplex } from "node:stream";
import { promisify } from "node:util";
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";
import { loadChunk } from "../../runtime/chunks.ts";
import { warnOnce } from "../../runtime/self-log.ts";
import { ownRequest } from "../../runtime/own-request.ts";
import { SCOPE } from "../../runtime/package-info.ts";
import { readResponse, refusal } from "./response.ts";
import type { SendResult, Batch, Signal } from "../batch.ts";
import { letProcessEnd } from "../../runtime/unref-request.ts";
import { guard } from "./guard.ts";
import { reasonOf } from "./delivery-log.ts";
import { requestTarget } from "../../runtime/request-target.ts";
import type { Route } from "./route.ts";
import { logThrough, requestSettings } from "./encoders.ts";

/** Connection settings of a signal. */
export interface ClientOptions {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly compression: "none" | "gzip";
  readonly timeoutMillis: number;
  /** Proxy that requests are sent through. */
  readonly proxy?: string | undefined;
}

/** User agent in the form that OTLP asks for. */
const AGENT = `${SCOPE.name}/${SCOPE.version} OTel-OTLP-Exporter-JavaScript`;

/** Maximum interim responses, with status 100 to 199, to one request. */
const MAX_INTERIM = 100;

/** Error codes of an idle connection that the other side has just closed. */
const STALE: ReadonlySet<string | undefined> = new Set(["ECONNRESET", "EPIPE"]);

/** Prefix of messages about settings that our own parser has reported already, without the secrets in them. */
const CONFIGURATION = "Configuration: ";

/** Messages already logged. A set of its own, so that they leave room for other warnings. */
const warned = new Set<string>();

function warnUnlessTold(message: string): void {
  if (!message.startsWith(CONFIGURATION)) warnOnce(message, warned);
}

type Settings = ReturnType<typeof requestSettings>;

/** Sender of the batches of one signal, with one request for each. */
export class Client {
  readonly #signal: Signal;
  readonly #options: ClientOptions;
  #settings: Settings | undefined;
  #route: Route | undefined;

  constructor(signal: Signal, options: ClientOptions) {
    this.#signal = signal;
    this.#options = options;
  }

  /** Makes one attempt. Never rejects, and does not keep the process alive. */
  async post(batch: Batch): Promise<SendResult> {
    try {
      const { body, headers } = await this.#encode(batch);
      // A stale idle connection does not show whether the Collector would accept the batch.
      return (await this.#exchange(body, headers, batch)) ?? (await this.#exchange(body, headers, batch, true))!;
    } catch (error) {
      return { outcome: "refused", reason: reasonOf(error), errorType: error instanceof Error ? error.name : "_OTHER" };
    }
  }

  async #encode({ body, contentType }: Batch): Promise<{ body: Uint8Array; headers: Record<string, string> }> {
    await this.#prepare();
    // `requestSettings` reads the headers of the settings again, including those that are invalid in HTTP.
    const plain = { "User-Agent": AGENT, ...this.#options.headers, "Content-Type": contentType };
    if (this.#options.compression === "none") return { body, headers: plain };
    const gzip = promisify(process.getBuiltinModule("node:zlib").gzip);
    return { body: await gzip(body), headers: { ...plain, "Content-Encoding": "gzip" } };
  }

  async #prepare(): Promise<Settings> {
    if (this.#settings !== undefined) return this.#settings;
    // Reports certificates that cannot be read.
    logThrough({ warn: warnUnlessTold });
    const settings = requestSettings(this.#signal, this.#options as never);
    const { url, proxy, timeoutMillis } = this.#options;
    const target = new URL(url);
    const agent = (await settings.agentFactory(target.protocol)) as Agent;
    this.#route =
      proxy === undefined
        ? { target: requestTarget(target), agent }
        : loadChunk<typeof import("./proxy.ts")>("src/export/otlp/proxy").through(proxy, target, agent, timeoutMillis);
    this.#settings = settings;
    return settings;
  }

  /**
   * Sends one request.
   * @returns undefined if an idle connection was stale and the batch can be sent over a new one
   */
  // oxlint-disable-next-line max-params -- the parts of one request
  #exchange(
    body: Uint8Array,
    headers: Record<string, string>,
    batch: Batch,
    isLast = false,
  ): Promise<SendResult | undefined> {
    const { target, agent } = this.#route!;
    const options: RequestOptions = {
      ...target,
      method: "POST",
      headers: { ...target.headers, ...headers, "Content-Length": body.length },
      agent,
      signal: AbortSignal.timeout(this.#options.timeoutMillis),
    };
    return new Promise((resolve, reject) => {
      // Our own requests belong to no trace of the application.
      context.with(suppressTracing(ROOT_CONTEXT), () => {
        const sent = ownRequest(options);
        letProcessEnd(sent);
        let isAnswered = false;
        // From here on the status decides, whatever happens to the connection.
        const answered = guard.callback((response: IncomingMessage) => {
          isAnswered = true;
          return readResponse(response, batch).then(resolve, reject);
        });
        const upgraded = guard.callback(({ statusCode }: IncomingMessage, socket: Duplex) => {
          socket.destroy();
          resolve(refusal(statusCode!));
        });
        const failed = guard.callback((error: NodeJS.ErrnoException) => {
          if (isAnswered) return;
          const isStale = sent.reusedSocket && STALE.has(error.code);
          if (isStale && !isLast) resolve(undefined);
          else resolve({ outcome: "later", reason: this.#explain(error) });
        });
        const closed = guard.callback(() => {
          if (!isAnswered) resolve({ outcome: "later", reason: "the connection was closed" });
        });
        boundInterim(sent);
        sent.on("response", answered).on("upgrade", upgraded).on("error", failed).on("close", closed);
        sent.end(body);
      });
    });
  }

  #explain(error: Error): string {
    return error.name === "TimeoutError" || error.cause instanceof DOMException
      ? `no answer within ${this.#options.timeoutMillis} ms`
      : reasonOf(error);
  }
}

/** Aborts a request that receives too many interim responses. */
function boundInterim(sent: ClientRequest): void {
  let answers = 0;
  const informed = guard.callback(() => {
    if (++answers === MAX_INTERIM) sent.destroy(new Error("too many interim answers"));
  });
  sent.on("information", informed);
}
