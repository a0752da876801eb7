import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** Whom a request was sent to. */
export interface Address {
  readonly host: string;
  readonly port: number | undefined;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** The port of a scheme where none is named. */
export const defaultPort = (scheme: string | undefined): number | undefined =>
  scheme === undefined ? undefined : DEFAULT_PORTS[scheme];

/** Reads `example.com`, `example.com:8080` or `[::1]:8080`. */
export function parseHost(text: string, scheme: string | undefined): Address {
  const [, host, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(text) ?? [];
  if (host === undefined) return { host: text, port: undefined };
  return { host, port: port === undefined ? defaultPort(scheme) : Number(port) };
}

/** The first of several values in one header. */
function first(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  return text?.split(",", 1)[0]!.trim();
}

/** The parameters of each hop in a `Forwarded` header. */
function hops(header: string): Map<string, string>[] {
  const elements = header.match(/(?:"(?:[^"\\]|\\.)*"|[^",])+/g) ?? [];
  return elements.map((element) => {
    const pairs = element.matchAll(/([\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([^;\s"]*))/g);
    return new Map(
      Array.from(pairs, ([, name, quoted, plain]) => [name!.toLowerCase(), quoted?.replace(/\\(.)/g, "$1") ?? plain!]),
    );
  });
}

/** Whom the client asked, by what the proxies say and then by the request itself. */
export function serverAddress(headers: IncomingHttpHeaders, scheme: string): Address | undefined {
  const hop = headers.forwarded && hops(headers.forwarded).find((each) => each.get("host"));
  if (hop) return parseHost(hop.get("host")!, hop.get("proto"));
  const forwarded = first(headers["x-forwarded-host"]);
  if (forwarded) return parseHost(forwarded, first(headers["x-forwarded-proto"]));
  return headers.host ? parseHost(headers.host, scheme) : undefined;
}

/** A request; one the application made itself may have no socket. */
export type Received = Pick<IncomingMessage, "headers"> & Partial<Pick<IncomingMessage, "socket">>;

/** Who asked, by what the proxies say and then by the connection. */
export function clientAddress({ headers, socket }: Received): string | undefined {
  const hop = headers.forwarded && hops(headers.forwarded).find((each) => each.get("for"));
  if (hop) return withoutPort(hop.get("for")!);
  const forwarded = first(headers["x-forwarded-for"]);
  return forwarded ? withoutPort(forwarded) : socket?.remoteAddress;
}

/** `192.0.2.7:4711` → `192.0.2.7`, `[2001:db8::7]:4711` → `2001:db8::7` */
function withoutPort(address: string): string {
  const url = `http://${address}`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[(.*)\]$/, "$1") : address;
}
