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

/** The end of a connection that is not ours; one that is gone has no address any more. */
export interface Peer {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** A request that came in, over whichever version of HTTP. */
export interface ReceivedRequest extends Pick<
  IncomingMessage,
  "headers" | "httpVersion" | "httpVersionMajor" | "httpVersionMinor" | "method" | "url"
> {
  /** A request the application made itself may have none. */
  readonly socket: Peer | null;
  /** The authority that was asked for beside the headers, as in HTTP/2. */
  readonly authority?: string | undefined;
}

/** The scheme the client used, by what the proxies say, then by the target and then by the connection. */
export function schemeOf({ headers, method, url }: ReceivedRequest, connection: Scheme): Scheme {
  const told = forwardedScheme(headers);
  // A request the application made itself may have no target.
  if (told !== undefined || url === undefined || url.startsWith("/")) return told ?? connection;
  const { scheme } = readTarget(method!, url);
  return scheme === "http" || scheme === "https" ? scheme : connection;
}

/** Describes a request that came in. */
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
