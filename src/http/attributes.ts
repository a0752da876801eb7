import type { ClientRequest, IncomingMessage } from "node:http";
import type { Attributes } from "@opentelemetry/api";
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_FULL,
  ATTR_USER_AGENT_ORIGINAL,
} from "../../semconv/index.ts";
import { defaultPort } from "./addresses.ts";
import { knownMethod } from "./methods.ts";
import type { ClientTarget } from "./series.ts";
import { redactTarget } from "./url.ts";

/** Longest user agent and method that are recorded. */
export const MAX_USER_AGENT = 1024;
const MAX_METHOD = 64;

/** The method of a request, and as it was sent where that is none of those that are told apart. */
export function methodAttributes(method: string): Attributes {
  const known = knownMethod(method);
  return {
    [ATTR_HTTP_REQUEST_METHOD]: known,
    [ATTR_HTTP_REQUEST_METHOD_ORIGINAL]: known === method ? undefined : method.slice(0, MAX_METHOD),
  };
}

/** What is said of a request that goes out. */
export function clientAttributes(request: ClientRequest, { method, host, port }: ClientTarget): Attributes {
  const userAgent = request.getHeader("user-agent");
  return {
    ...methodAttributes(method),
    [ATTR_SERVER_ADDRESS]: host,
    [ATTR_SERVER_PORT]: port,
    [ATTR_URL_FULL]: fullUrl(request, host, port),
    [ATTR_USER_AGENT_ORIGINAL]: typeof userAgent === "string" ? userAgent : undefined,
  };
}

function fullUrl({ protocol, path }: ClientRequest, host: string, port: number): string {
  const name = host.includes(":") ? `[${host}]` : host;
  const authority = port === defaultPort(protocol.slice(0, -1)) ? name : `${name}:${port}`;
  return `${protocol}//${authority}${redactTarget(path)}`;
}

/** What is said of a response that came in. */
export const responseAttributes = ({ socket, httpVersion }: IncomingMessage): Attributes => ({
  [ATTR_NETWORK_PEER_ADDRESS]: socket.remoteAddress,
  [ATTR_NETWORK_PEER_PORT]: socket.remotePort,
  [ATTR_NETWORK_PROTOCOL_VERSION]: httpVersion,
});
