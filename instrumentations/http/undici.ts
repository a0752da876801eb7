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

/** Request as published by undici. */
interface UndiciRequest {
  readonly origin: string | URL;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly upgrade: unknown;
  /** Alternating names and values; lines in undici 5. */
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

/** State of a request in progress. */
interface Followed {
  readonly call: ClientCall;
  /** True if its body was sent completely. */
  isSent: boolean;
  /** True if the server declined to speak another protocol, which is not a loss of the connection. */
  isDeclined: boolean;
}

const SWITCHING_PROTOCOLS = 101;

const followed = new WeakMap<UndiciRequest, Followed>();

/**
 * Instruments the requests of `fetch` and of every undici, built-in or installed, by the diagnostics channels they
 * publish on. No undici is loaded for this.
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
  // A tunnel is requested from a proxy on the way to the actual request; the propagation headers are not for the proxy.
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
  // undici fails an upgrade with the same error for any status and for a lost connection.
  state.isDeclined = Boolean(request.upgrade) && status !== SWITCHING_PROTOCOLS;
}

/** undici's handler of a response; it can wrap another one. */
interface Handler {
  readonly handler?: unknown;
}

/** Maximum number of nested handlers that are inspected. */
const MAX_HANDLERS = 8;

/**
 * Returns the context of the caller. A request that waited for a connection, or is repeated, is sent in the context of
 * another request.
 */
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

/** Records the connection. In HTTP/1 the text begins with the request line; in HTTP/2 it consists of headers only. */
const connected = ({ request, headers, socket }: Sent): void =>
  followed.get(request)?.call.connected(socket, headers.startsWith(`${request.method} `) ? "1.1" : "2");

/**
 * Distinguishes cancellation from failure. A request aborted with an application-defined reason fails in the same way
 * as with an error of undici or Node.js; only the latter have a code. If the body was not sent yet, the error can be
 * the body's.
 */
function failed(error: unknown, isSent: boolean): CallEnding {
  const hasCode = typeof (error as { code?: unknown } | null | undefined)?.code === "string";
  return { error, isCancelled: isSent && !hasCode && timeoutOf(error) === undefined };
}

/** Methods that receive an upgraded connection; undici 8 uses a different name than earlier versions. */
const UPGRADED = ["onUpgrade", "onRequestUpgrade"] as const;

/**
 * Ends a call at its upgrade: undici 5, early releases of 6, and 8 do not publish that a connection was handed over to
 * speak another protocol.
 */
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

/** Returns the index of a name among alternating names and values. */
function indexOf(headers: readonly unknown[], name: string): number {
  for (let i = 0; i < headers.length; i += 2) if (String(headers[i]).toLowerCase() === name) return i;
  return -1;
}

/** Headers of an undici request, which undici has normalized from the given ones. */
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
