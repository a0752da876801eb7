import type { IncomingHttpHeaders } from "node:http";
import { forwardedParameter } from "./forwarded.ts";

/** Whom a request was sent to. */
export interface Address {
  readonly host: string;
  readonly port: number | undefined;
}

/** What a server speaks. */
export type Scheme = "http" | "https";

const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ["http", 80],
  ["https", 443],
]);
const MAX_PORT = 65_535;

/** Longest address with a port that is read; a name of the DNS has at most 253 characters. */
const MAX_ADDRESS = 300;

/** The port of a scheme where none is named. */
export const defaultPort = (scheme: string | undefined): number | undefined =>
  scheme === undefined ? undefined : DEFAULT_PORTS.get(scheme);

/** A name, an IPv4 address or an IPv6 address in brackets, with a port or without. */
const HOST = /^(?:\[([\da-f:.]+(?:%[\w.~-]+)?)\]|([^\s:/?#@[\]\\<>^`{|}"\0-\x20\x7f]+))(?::(\d{0,5}))?$/i;

/**
 * Reads `example.com`, `example.com:8080` or `[::1]:8080`.
 * @returns undefined for what is no address
 */
export function parseHost(text: string, scheme: string | undefined): Address | undefined {
  if (text.length > MAX_ADDRESS) return undefined;
  const [, ipv6, name, digits] = HOST.exec(text) ?? [];
  const host = ipv6 ?? name;
  if (host === undefined || Number(digits) > MAX_PORT) return undefined;
  return { host, port: digits ? Number(digits) : defaultPort(scheme) };
}

/** Reads the host and port of a URL, which credentials can precede. */
const parseAuthority = (authority: string, scheme: string | undefined): Address | undefined =>
  parseHost(authority.slice(authority.lastIndexOf("@") + 1), scheme);

/** The first of several values in one header. */
function first(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return undefined;
  const end = text.indexOf(",");
  return text.slice(0, Math.min(end === -1 ? text.length : end, MAX_ADDRESS)).trim();
}

/** The scheme the client used, by what the proxies say. */
export function forwardedScheme(headers: IncomingHttpHeaders): Scheme | undefined {
  const { forwarded } = headers;
  const protocol = forwarded === undefined ? undefined : forwardedParameter(forwarded, "proto")?.value;
  const scheme = (protocol ?? first(headers["x-forwarded-proto"]))?.toLowerCase();
  return scheme === "http" || scheme === "https" ? scheme : undefined;
}

/** What a request says of where it goes. */
export interface Destination {
  readonly headers: IncomingHttpHeaders;
  /** The scheme of the request. */
  readonly scheme: string;
  /** The authority in the target of the request or, in HTTP/2, in its pseudo-header. */
  readonly authority?: string | undefined;
}

/** Whom the client asked, by what the proxies say and then by the request itself. */
export function serverAddress({ headers, scheme, authority }: Destination): Address | undefined {
  const host = headers.forwarded === undefined ? undefined : forwardedParameter(headers.forwarded, "host");
  if (host !== undefined) return parseHost(host.value, host.proto ?? scheme);
  const forwarded = first(headers["x-forwarded-host"]);
  if (forwarded) return parseHost(forwarded, first(headers["x-forwarded-proto"]));
  if (authority !== undefined) return parseAuthority(authority, scheme);
  return headers.host ? parseHost(headers.host, scheme) : undefined;
}

/** A request with its connection; one the application made itself may have none. */
interface Asked {
  readonly headers: IncomingHttpHeaders;
  readonly socket?: { readonly remoteAddress?: string | undefined } | null;
}

/** Who asked, by what the proxies say and then by the connection. */
export const clientAddress = ({ headers, socket }: Asked): string | undefined =>
  forwardedClient(headers.forwarded, headers["x-forwarded-for"]) ?? socket?.remoteAddress;

/** Who asked, by what the proxies say. */
export function forwardedClient(
  forwarded: string | undefined,
  forwardedFor: string | string[] | undefined,
): string | undefined {
  const told = forwarded === undefined ? undefined : forwardedParameter(forwarded, "for")?.value;
  const address = told || first(forwardedFor);
  return address ? withoutPort(address) : undefined;
}

/** `192.0.2.7:4711` → `192.0.2.7`, `[2001:db8::7]:4711` → `2001:db8::7` */
const withoutPort = (address: string): string =>
  parseHost(address, undefined)?.host.toLowerCase() ?? address.slice(0, MAX_ADDRESS);
