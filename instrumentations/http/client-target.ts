import { defaultPort } from "./addresses.ts";
import { redactTarget } from "./url.ts";

/** Endpoint a client sends a request to. */
export interface Endpoint {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
}

const ABSOLUTE = /^[a-z][a-z\d+.-]{0,31}:\/\//i;

/** Maximum length of a target whose address is parsed. */
const MAX_TARGET = 16_384;

/** Target of a client's request. Behind a proxy, its host differs from the one the request is sent to. */
export class ClientTarget {
  readonly method: string;
  /** `server.address` */
  readonly host: string;
  /** `server.port` */
  readonly port: number;
  readonly #scheme: string;
  readonly #target: string;

  /** @param target the target in the request line */
  constructor(method: string, { scheme, host, port }: Endpoint, target: string) {
    this.method = method;
    this.#scheme = scheme;
    this.#target = target;
    const asked = askedOf(method, scheme, target);
    this.host = asked?.host ?? withoutBrackets(host);
    this.port = asked?.port ?? port;
  }

  /** The requested URL, without credentials and signatures. */
  get url(): string {
    const target = this.#target;
    if (ABSOLUTE.test(target)) return redactTarget(target);
    const name = this.host.includes(":") ? `[${this.host}]` : this.host;
    const authority = this.port === defaultPort(this.#scheme) ? name : `${name}:${this.port}`;
    const origin = `${this.#scheme}://${authority}`;
    if (this.method === "CONNECT" || target === "*") return origin;
    return target[0] === "/" || target[0] === "?" ? origin + redactTarget(target) : `${origin}/${redactTarget(target)}`;
  }
}

/** Parses the address in a target that has one: the absolute form sent to proxies, and the target of CONNECT. */
function askedOf(method: string, scheme: string, target: string): { host: string; port: number } | undefined {
  if (method !== "CONNECT" && (target[0] === "/" || !ABSOLUTE.test(target))) return undefined;
  const text = target.slice(0, MAX_TARGET);
  const url = URL.parse(method === "CONNECT" ? `${scheme}://${text}` : text);
  if (url === null || url.hostname === "") return undefined;
  const port = url.port === "" ? defaultPort(url.protocol.slice(0, -1)) : Number(url.port);
  return { host: withoutBrackets(url.hostname), port: port ?? 0 };
}

/** Removes the brackets of an IPv6 address: `[::1]` → `::1`. */
export const withoutBrackets = (host: string): string =>
  host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
