import type { IncomingHttpHeaders } from "node:http";
import { forwardedParameter } from "./forwarded.ts";

/** Address a request was sent to. */
export interface Address {
  readonly host: string;
  readonly port: number | undefined;
}

/** Scheme a server is reached by. */
export type Scheme = "http" | "https";

const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ["http", 80],
  ["https", 443],
]);
const MAX_PORT = 65_535;

/** Maximum length of an address with a port that is parsed; a DNS name has at most 253 characters. */
const MAX_ADDRESS = 300;

/** Returns the default port of a scheme. */
export const defaultPort = (scheme: string | undefined): number | undefined =>
  scheme === undefined ? undefined : DEFAULT_PORTS.get(scheme);

/** Pattern of a name, an IPv4 address or a bracketed IPv6 address, with or without a port. */
const HOST = /^(?:\[([\da-f:.]+(?:%[\w.~-]+)?)\]|([^\s:/?#@[\]\\<>^`{|}"\0-\x20\x7f]+))(?::(\d{0,5}))?$/i;

/**
 * Parses `example.com`, `example.com:8080` or `[::1]:8080`.
 * @returns undefined for text that is not an address
 */
export function parseHost(text: string, scheme: string | undefined): Address | undefined {
  if (text.length > MAX_ADDRESS) return undefined;
  const [, ipv6, name, digits] = HOST.exec(text) ?? [];
  const host = ipv6 ?? name;
  if (host === undefined || Number(digits) > MAX_PORT) return undefined;
  return { host, port: digits ? Number(digits) : defaultPort(scheme) };
}

/** Parses the host and port of a URL's authority, which credentials may precede. */
const parseAuthority = (authority: string, scheme: string | undefined): Address | undefined =>
  parseHost(authority.slice(authority.lastIndexOf("@") + 1), scheme);

/** Returns the first of several values in a header. */
function first(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return undefined;
  const end = text.indexOf(",");
  return text.slice(0, Math.min(end === -1 ? text.length : end, MAX_ADDRESS)).trim();
}

/** Returns the scheme the client used, according to the proxy headers. */
export function forwardedScheme(headers: IncomingHttpHeaders): Scheme | undefined {
  const { forwarded } = headers;
  const protocol = forwarded === undefined ? undefined : forwardedParameter(forwarded, "proto")?.value;
  const scheme = (protocol ?? first(headers["x-forwarded-proto"]))?.toLowerCase();
  return scheme === "http" || scheme === "https" ? scheme : undefined;
}

/** Fields of a request that name its destination. */
export interface Destination {
  readonly headers: IncomingHttpHeaders;
  /** The scheme of the request. */
  readonly scheme: string;
  /** The authority from the request target or, in HTTP/2, from its pseudo-header. */
  readonly authority?: string | undefined;
}

/** Returns the address the client requested, according to the proxy headers, or else to the request itself. */
export function serverAddress({ headers, scheme, authority }: Destination): Address | undefined {
  const host = headers.forwarded === undefined ? undefined : forwardedParameter(headers.forwarded, "host");
  if (host !== undefined) return parseHost(host.value, host.proto ?? scheme);
  const forwarded = first(headers["x-forwarded-host"]);
  if (forwarded) return parseHost(forwarded, first(headers["x-forwarded-proto"]));
  if (authority !== undefined) return parseAuthority(authority, scheme);
  return headers.host ? parseHost(headers.host, scheme) : undefined;
}

/** Request with its connection; a request created by the application may have none. */
interface RequestWithConnection {
  readonly headers: IncomingHttpHeaders;
  readonly socket?: { readonly remoteAddress?: string | undefined } | null;
}

/** Returns the address of the client, according to the proxy headers, or else to the connection. */
export const clientAddress = ({ headers, socket }: RequestWithConnection): string | undefined =>
  forwardedClient(headers.forwarded, headers["x-forwarded-for"]) ?? socket?.remoteAddress;

/** Returns the address of the client, according to the proxy headers. */
export function forwardedClient(
  forwarded: string | undefined,
  forwardedFor: string | string[] | undefined,
): string | undefined {
  const reported = forwarded === undefined ? undefined : forwardedParameter(forwarded, "for")?.value;
  const address = reported || first(forwardedFor);
  return address ? withoutPort(address) : undefined;
}

/** Removes the port: `192.0.2.7:4711` → `192.0.2.7`, `[2001:db8::7]:4711` → `2001:db8::7`. */
const withoutPort = (address: string): string =>
  parseHost(address, undefined)?.host.toLowerCase() ?? address.slice(0, MAX_ADDRESS);
