import type { EventEmitter } from "node:events";
import type { Http2ServerRequest, IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { followEvents } from "./messages.ts";
import type { Peer, ReceivedRequest } from "./received-request.ts";
import { ServerExchange } from "./server-exchange.ts";

/** Tells whether a stream emitted by a server is an HTTP/2 stream, without loading `node:http2`. */
export const isHttp2Stream = (stream: unknown): stream is ServerHttp2Stream =>
  (stream as object | undefined)?.constructor?.name === "ServerHttp2Stream";

/** Tells whether a request belongs to the HTTP/2 compatibility API. */
export const isHttp2Request = (request: unknown): request is Http2ServerRequest =>
  isHttp2Stream((request as { stream?: unknown } | undefined)?.stream);

/** Incoming request over HTTP/2. */
class StreamRequest implements ReceivedRequest {
  readonly httpVersion = "2";
  readonly httpVersionMajor = 2;
  readonly httpVersionMinor = 0;
  readonly headers: IncomingHttpHeaders;
  readonly method: string;
  readonly url: string;
  readonly authority: string | undefined;
  readonly #stream: ServerHttp2Stream;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    this.#stream = stream;
    this.headers = headers;
    this.method = headers[":method"] ?? "GET";
    this.authority = headers[":authority"];
    this.url = headers[":path"] ?? this.authority ?? "";
  }

  /** The socket; a closed session has none. */
  get socket(): Peer | null {
    try {
      return this.#stream.session?.socket ?? null;
    } catch {
      return null;
    }
  }
}

/** HTTP/2 request that is being answered. */
export class StreamExchange extends ServerExchange {
  readonly #stream: ServerHttp2Stream;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    super(stream.session?.encrypted === true ? "https" : "http", new StreamRequest(stream, headers));
    this.#stream = stream;
  }

  onEvent(event: unknown, _: EventEmitter, argument: unknown): void {
    if (event === "error") this.failed(argument);
    else if (event === "close") this.end();
  }

  protected status(): number | undefined {
    return this.#stream.sentHeaders?.[":status"] as number | undefined;
  }

  protected isWhole(): boolean {
    // A stream that was sent completely can be closed before it has finished.
    const { rstCode, writableEnded } = this.#stream;
    return rstCode === 0 && writableEnded;
  }
}

let isFollowed = false;

/** Instruments the streams of HTTP/2, from the first one on. */
export function followStreams(stream: ServerHttp2Stream): void {
  if (isFollowed) return;
  isFollowed = true;
  followEvents(Object.getPrototypeOf(stream) as EventEmitter);
}
