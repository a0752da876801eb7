import type { IncomingMessage } from "node:http";
import type { Attributes } from "@opentelemetry/api";
import {
  ATTR_CLIENT_ADDRESS,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_PATH,
  ATTR_URL_QUERY,
  ATTR_URL_SCHEME,
  ATTR_USER_AGENT_ORIGINAL,
} from "../../semconv/index.ts";
import { clientAddress, forwardedScheme, serverAddress, type Scheme } from "./addresses.ts";
import { MAX_USER_AGENT, methodAttributes } from "./attributes.ts";
import { readTarget } from "./url.ts";

/** Remote end of a connection; a closed connection has no address. */
export interface Peer {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** Incoming request, independent of the HTTP version. */
export interface ReceivedRequest extends Pick<
  IncomingMessage,
  "headers" | "httpVersion" | "httpVersionMajor" | "httpVersionMinor" | "method" | "url"
> {
  /** The connection; a request created by the application may have none. */
  readonly socket: Peer | null;
  /** The requested authority outside of the headers, as in HTTP/2. */
  readonly authority?: string | undefined;
}

/**
 * Returns the scheme the client used, according to the proxy headers, or else to the target, or else to the connection.
 */
export function schemeOf({ headers, method, url }: ReceivedRequest, connection: Scheme): Scheme {
  const reported = forwardedScheme(headers);
  // A request created by the application may have no target.
  if (reported !== undefined || url === undefined || url.startsWith("/")) return reported ?? connection;
  const { scheme } = readTarget(method!, url);
  return scheme === "http" || scheme === "https" ? scheme : connection;
}

/** Describes an incoming request. */
export function serverAttributes(request: ReceivedRequest, scheme: Scheme): Attributes {
  const { headers, socket } = request;
  const target = readTarget(request.method!, request.url ?? "");
  const authority = target.authority ?? request.authority;
  const server = serverAddress({ headers, scheme: target.scheme ?? scheme, authority });
  return {
    ...methodAttributes(request.method ?? ""),
    [ATTR_URL_SCHEME]: scheme,
    [ATTR_URL_PATH]: target.path,
    [ATTR_URL_QUERY]: target.query,
    [ATTR_SERVER_ADDRESS]: server?.host,
    [ATTR_SERVER_PORT]: server?.port,
    [ATTR_CLIENT_ADDRESS]: clientAddress(request),
    [ATTR_NETWORK_PEER_ADDRESS]: socket?.remoteAddress,
    [ATTR_NETWORK_PEER_PORT]: socket?.remotePort,
    [ATTR_NETWORK_PROTOCOL_VERSION]: request.httpVersion,
    [ATTR_USER_AGENT_ORIGINAL]: headers["user-agent"]?.slice(0, MAX_USER_AGENT),
  };
}
