import type { EventEmitter } from "node:events";
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";
import { Socket } from "node:net";
import type { Context } from "@opentelemetry/api";
import { isTracingSuppressed } from "@opentelemetry/core";
import { removeOwnFrames } from "../../src/runtime/own-frames.ts";
import { activeContext } from "../../src/context/active.ts";
import { defaultPort, parseHost } from "./addresses.ts";
import { ClientCall, type CallEnding, type Peer } from "./client-call.ts";
import { ClientTarget, type Endpoint } from "./client-target.ts";
import { guard } from "./guard.ts";
import { Http2Headers } from "./http2-headers.ts";
import { exchangeOf, followEvents, join, type Exchange } from "./messages.ts";

interface Http2 {
  connect(authority: string, options: object): unknown;
}

type Connect = (this: Socket, ...args: unknown[]) => Socket;
type Request = (this: ClientHttp2Session, ...args: [headers?: unknown, ...more: unknown[]]) => ClientHttp2Stream;

const isLoaded = (): boolean =>
  (process as unknown as { readonly moduleLoadList: readonly string[] }).moduleLoadList.includes("NativeModule http2");

/**
 * Instruments the requests of HTTP/2 sessions. Node.js does not report that the application loads `node:http2`, and it
 * is not loaded for this purpose: the connection that precedes the first session is the signal.
 */
export function observeHttp2Clients(): void {
  if (isLoaded()) return patchSessions();
  const socket = Socket.prototype as unknown as { connect: Connect };
  const { connect } = socket;
  let isFound = false;
  const look = (): void => {
    if (isFound || !isLoaded()) return;
    isFound = true;
    if (socket.connect === wrapper) socket.connect = connect;
    patchSessions();
  };
  const wrapper = {
    connect(this: Socket, ...args: unknown[]): Socket {
      guard.attempt(look);
      try {
        return Reflect.apply(connect, this, args);
      } catch (error) {
        guard.attempt(() => removeOwnFrames(error, wrapper));
        throw error;
      }
    },
  }.connect;
  socket.connect = wrapper;
}

function patchSessions(): void {
  const sessions = prototypeOfSessions(process.getBuiltinModule("node:http2"));
  if (sessions === undefined) return;
  const { request } = sessions;
  const wrapper = {
    request(this: ClientHttp2Session, ...args: [headers?: unknown, ...more: unknown[]]): ClientHttp2Stream {
      const exchange = guard.enabled ? guard.attempt(() => begin(this, args[0])) : undefined;
      try {
        if (exchange === undefined) return Reflect.apply(request, this, args);
        const stream = Reflect.apply(request, this, [exchange.headers, ...args.slice(1)]);
        guard.attempt(() => exchange.follow(stream));
        return stream;
      } catch (error) {
        guard.attempt(() => {
          exchange?.call.end({ error });
          removeOwnFrames(error, wrapper);
        });
        throw error;
      }
    },
  }.request;
  sessions.request = wrapper;
}

/**
 * Returns the prototype of sessions, whose class is not exported. Creating a session requires a connection to bind it
 * to.
 */
function prototypeOfSessions({ connect }: Http2): { request: Request } | undefined {
  let session: object | undefined;
  const set = (_: object, __: unknown, value: object): boolean => {
    session = value;
    return false;
  };
  try {
    connect("http://localhost", { createConnection: () => guard.attempt(() => new Proxy({}, { set })) });
  } catch {
    // Expected.
  }
  return session === undefined ? undefined : (Object.getPrototypeOf(session) as { request: Request });
}

function begin(session: ClientHttp2Session, given: unknown): ClientStreamExchange | undefined {
  const caller = activeContext();
  if (isTracingSuppressed(caller) || isUndicis(session)) return undefined;
  const headers = Http2Headers.copy(given);
  if (headers === undefined) return undefined;
  const exchange = new ClientStreamExchange(targetOf(session, headers), headers, caller);
  exchange.call.inject();
  return exchange;
}

/** Returns the value a session keeps under the symbol with a given description. */
function kept(session: object, description: string): unknown {
  const symbol = Object.getOwnPropertySymbols(session).find((each) => each.description === description);
  return symbol === undefined ? undefined : (session as Record<symbol, unknown>)[symbol];
}

/** Tells whether a session belongs to undici, which publishes its requests itself. */
const isUndicis = (session: ClientHttp2Session): boolean => kept(session, "client") !== undefined;

function targetOf(session: ClientHttp2Session, headers: Http2Headers): ClientTarget {
  const method = headers.get(":method") ?? "GET";
  const protocol = kept(session, "protocol");
  const scheme = headers.get(":scheme") ?? (typeof protocol === "string" ? protocol.slice(0, -1) : "https");
  const authority = headers.get(":authority") ?? headers.get("host") ?? String(kept(session, "authority") ?? "");
  return new ClientTarget(
    method,
    endpointOf(authority, scheme),
    method === "CONNECT" ? authority : (headers.get(":path") ?? "/"),
  );
}

/** Returns the endpoint of a session, whose authority has no brackets around an IPv6 address. */
function endpointOf(authority: string, scheme: string): Endpoint {
  const address = parseHost(authority, scheme);
  if (address !== undefined) return { scheme, host: address.host, port: address.port ?? 0 };
  const at = authority.lastIndexOf(":");
  const bracketed = parseHost(`[${authority.slice(0, at)}]${authority.slice(at)}`, scheme);
  return { scheme, host: bracketed?.host ?? "", port: bracketed?.port ?? defaultPort(scheme) ?? 0 };
}

/** Request of an HTTP/2 session that waits for its response. */
class ClientStreamExchange implements Exchange {
  readonly call: ClientCall;
  readonly #headers: Http2Headers;
  #isAnswered = false;
  /** True if the caller cancelled the request. */
  #isCancelled = false;
  /** True if the connection was lost while the session was still to be closed gracefully. */
  #isLost = false;
  /** True if the request exceeded the caller's timeout. */
  #isLate = false;

  constructor(target: ClientTarget, headers: Http2Headers, caller: Context) {
    this.#headers = headers;
    this.call = new ClientCall(target, headers, caller);
  }

  get context(): Context {
    return this.call.context;
  }

  /** The headers to send in place of those the application passed. */
  get headers(): object {
    return this.#headers.all;
  }

  isWithin(active: Context): boolean {
    return active === this.call.context;
  }

  follow(stream: ClientHttp2Stream): void {
    followStreams(stream);
    join(stream, this);
  }

  /** Records that the stream was ended without an error, by the application or because its connection was lost. */
  dropped(stream: ClientHttp2Stream): void {
    if (isConnected(stream)) this.#isCancelled = !this.#isLate;
    else this.#isLost = true;
  }

  onEvent(event: unknown, message: EventEmitter, argument: unknown): void {
    const stream = message as ClientHttp2Stream;
    try {
      if (event === "response") this.#answered(stream, argument as IncomingHttpHeaders);
      else if (event === "timeout") this.#isLate = true;
      else if (event === "error") this.call.end(failed(argument));
      // A stream that is reset or cancelled ends as well.
      else if (event === "end" && this.#isWhole(stream) && !stream.destroyed) this.call.end({});
      else if (event === "close") this.call.end({ isCut: !this.#isWhole(stream), isCancelled: this.#isCancelled });
    } catch (error) {
      guard.failed(error);
    }
  }

  #answered(stream: ClientHttp2Stream, headers: IncomingHttpHeaders): void {
    this.#isAnswered = true;
    this.call.connected(socketOf(stream) ?? {}, "2");
    this.call.answered(Number(headers[":status"]));
  }

  #isWhole = ({ rstCode }: ClientHttp2Stream): boolean => this.#isAnswered && rstCode === 0 && !this.#isLost;
}

/** Returns the connection of a stream. Accessing that of a closed session throws. */
function socketOf(stream: ClientHttp2Stream): (Peer & { readonly destroyed: boolean }) | undefined {
  try {
    return stream.session?.socket;
  } catch {
    return undefined;
  }
}

function isConnected(stream: ClientHttp2Stream): boolean {
  try {
    return socketOf(stream)?.destroyed === false;
  } catch {
    return false;
  }
}

/**
 * Returns the failure of a call. A request that was not sent yet ends with an error that names the reason its session
 * ended, unless the application ended the session.
 */
function failed(error: unknown): CallEnding {
  const { code, cause } = Object(error) as { code?: unknown; cause?: unknown };
  return code === "ERR_HTTP2_STREAM_CANCEL" ? { error: cause, isCancelled: cause === undefined } : { error };
}

interface Streams {
  close(this: ClientHttp2Stream, ...args: [code?: unknown, ...more: unknown[]]): void;
  destroy(this: ClientHttp2Stream, ...args: [error?: unknown, ...more: unknown[]]): ClientHttp2Stream;
}

/** `NGHTTP2_CANCEL`: no longer wanted. */
const CANCEL = 8;

let isFollowed = false;

/** Instruments the streams of clients, from the first one on. */
function followStreams(stream: ClientHttp2Stream): void {
  if (isFollowed) return;
  isFollowed = true;
  const streams = Object.getPrototypeOf(stream) as EventEmitter & Streams;
  followEvents(streams);
  const { close, destroy } = streams;
  const own: Streams = {
    close(...args) {
      if (args[0] === undefined || args[0] === CANCEL) dropped(this);
      Reflect.apply(close, this, args);
    },
    destroy(...args) {
      if (args[0] === undefined || args[0] === null) dropped(this);
      return Reflect.apply(destroy, this, args);
    },
  };
  for (const name of ["close", "destroy"] as const)
    Object.defineProperty(streams, name, { value: own[name], enumerable: false, configurable: true, writable: true });
}

/** Records a dropped stream. Node.js also calls these methods for streams that have closed. */
function dropped(stream: ClientHttp2Stream): void {
  guard.attempt(() => {
    const exchange = exchangeOf(stream);
    if (exchange instanceof ClientStreamExchange && !stream.closed && !stream.destroyed) exchange.dropped(stream);
  });
}
