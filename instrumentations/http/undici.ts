import { AsyncResource } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import type { Context } from "@opentelemetry/api";
import { isTracingSuppressed } from "@opentelemetry/core";
import { activeContext } from "../../src/context/active.ts";
import { defaultPort } from "./addresses.ts";
import { timeoutOf } from "./cancellation.ts";
import { ClientCall, type CallEnding, type Peer } from "./client-call.ts";
import { ClientTarget, withoutBrackets } from "./client-target.ts";
import { guard } from "./guard.ts";
import { headerIn, withHeader, type OutgoingHeaders } from "./outgoing-headers.ts";

/** A request as undici publishes it. */
interface UndiciRequest {
  readonly origin: string | URL;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly upgrade: unknown;
  /** Names and values in turn; lines in undici 5. */
  headers: unknown;
  addHeader(name: string, value: string): void;
  onUpgrade?(...args: unknown[]): unknown;
  onRequestUpgrade?(...args: unknown[]): unknown;
}

interface Published {
  readonly request: UndiciRequest;
}

interface Sent extends Published {
  readonly headers: string;
  readonly socket: Peer;
}

interface Answered extends Published {
  readonly response: { readonly statusCode: number };
}

interface Failed extends Published {
  readonly error: unknown;
}

/** What is known of a request that is under way. */
interface Followed {
  readonly call: ClientCall;
  /** Whether all of its body was sent. */
  isSent: boolean;
  /** Whether the server declined to speak another protocol, which is no loss of the connection. */
  isDeclined: boolean;
}

const SWITCHING_PROTOCOLS = 101;

const followed = new WeakMap<UndiciRequest, Followed>();

/**
 * Follows the requests of `fetch` and of every undici, built in or installed, by the channels they publish on. None of
 * them is loaded for it.
 */
export function observeUndici(): void {
  on("create", ({ request }) => begin(request));
  on("bodySent", ({ request }) => {
    const state = followed.get(request);
    if (state !== undefined) state.isSent = true;
  });
  on<Answered>("headers", ({ request, response }) => answered(request, response.statusCode));
  on("trailers", ({ request }) => followed.get(request)?.call.end({}));
  on<Failed>("error", ({ request, error }) => {
    const state = followed.get(request);
    state?.call.end(state.isDeclined ? {} : failed(error, state.isSent));
  });
  subscribe("undici:client:sendHeaders", guard.whileEnabled(connected as (message: unknown) => void));
}

const on = <Message extends Published>(event: string, heard: (message: Message) => void): void =>
  subscribe(`undici:request:${event}`, guard.whileEnabled(heard as (message: unknown) => void));

function begin(request: UndiciRequest): void {
  const caller = callerOf(request);
  // A tunnel is what a proxy is asked for on the way to a request; what goes along with that is not for the proxy.
  if (request.method === "CONNECT" || isTracingSuppressed(caller)) return;
  const call = new ClientCall(targetOf(request), new UndiciHeaders(request), caller);
  followed.set(request, { call, isSent: request.body === null, isDeclined: false });
  if (request.upgrade !== null) endAtUpgrade(request, call);
  call.inject();
}

function answered(request: UndiciRequest, status: number): void {
  const state = followed.get(request);
  if (state === undefined) return;
  state.call.answered(status);
  // What undici fails an upgrade with is the same for any status, and for a connection that is lost.
  state.isDeclined = Boolean(request.upgrade) && status !== SWITCHING_PROTOCOLS;
}

/** What takes the response, as undici calls it; it can be around another one. */
interface Handler {
  readonly handler?: unknown;
}

/** Handlers around one another that are looked at. */
const MAX_HANDLERS = 8;

/** A request that had to wait for a connection, or is repeated, is made in the context of another one. */
function callerOf(request: UndiciRequest): Context {
  const symbol = Object.getOwnPropertySymbols(request).find(({ description }) => description === "handler");
  let handler = symbol === undefined ? undefined : (request as unknown as Record<symbol, unknown>)[symbol];
  for (let i = 0; i < MAX_HANDLERS && typeof handler === "object" && handler !== null; i++) {
    if (handler instanceof AsyncResource) return handler.runInAsyncScope(activeContext);
    ({ handler } = handler as Handler);
  }
  return activeContext();
}

function targetOf({ origin, method, path }: UndiciRequest): ClientTarget {
  const { protocol, hostname, port } = typeof origin === "string" ? new URL(origin) : origin;
  const scheme = protocol.slice(0, -1);
  const endpoint = { scheme, host: withoutBrackets(hostname), port: Number(port) || (defaultPort(scheme) ?? 0) };
  return new ClientTarget(method, endpoint, path);
}

/** In HTTP/1 the text begins with the request line, in HTTP/2 it is headers alone. */
const connected = ({ request, headers, socket }: Sent): void =>
  followed.get(request)?.call.connected(socket, headers.startsWith(`${request.method} `) ? "1.1" : "2");

/**
 * Tells giving up from failing: with a reason of its own that the application aborts a request with, it fails as it does
 * with an error of undici or of Node.js, which have a code. Where the body was not sent yet, it can be the body's.
 */
function failed(error: unknown, isSent: boolean): CallEnding {
  const hasCode = typeof (error as { code?: unknown } | null | undefined)?.code === "string";
  return { error, isCancelled: isSent && !hasCode && timeoutOf(error) === undefined };
}

/** What takes a connection that is handed over; undici 8 calls it otherwise than those before. */
const UPGRADED = ["onUpgrade", "onRequestUpgrade"] as const;

/** undici 5, early releases of 6, and 8 do not publish that a connection was handed over to speak another protocol. */
function endAtUpgrade(request: UndiciRequest, call: ClientCall): void {
  for (const name of UPGRADED) {
    const upgraded = request[name];
    if (upgraded === undefined) continue;
    request[name] = function (status, ...more) {
      guard.attempt(() => {
        if (typeof status === "number") call.answered(status);
        call.end({});
      });
      return upgraded.call(this, status, ...more);
    };
  }
}

/** The index of a name in names and values. */
function indexOf(headers: readonly unknown[], name: string): number {
  for (let i = 0; i < headers.length; i += 2) if (String(headers[i]).toLowerCase() === name) return i;
  return -1;
}

/** The headers of a request of undici, which has made them of whatever it was given. */
class UndiciHeaders implements OutgoingHeaders {
  readonly #request: UndiciRequest;

  constructor(request: UndiciRequest) {
    this.#request = request;
  }

  get(name: string): string | undefined {
    const { headers } = this.#request;
    if (typeof headers === "string") return headerIn(headers, name);
    const index = Array.isArray(headers) ? indexOf(headers, name) : -1;
    if (index === -1) return undefined;
    const value: unknown = (headers as unknown[])[index + 1];
    const first: unknown = Array.isArray(value) ? value[0] : value;
    return first === undefined ? undefined : String(first);
  }

  set(name: string, value: string): void {
    const request = this.#request;
    const lower = name.toLowerCase();
    if (this.get(lower) === undefined) request.addHeader(name, value);
    else if (typeof request.headers === "string") request.headers = withHeader(request.headers, lower, value);
    else {
      const headers = request.headers as unknown[];
      headers[indexOf(headers, lower) + 1] = value;
    }
  }
}
