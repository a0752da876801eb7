import { readFileSync } from "node:fs";
import type { Config } from "../../config/index.ts";
import type { ClientOptions } from "./client.ts";
import { SIGNALS, type Signal } from "../batch.ts";
import { isDirect } from "./no-proxy.ts";

const DEFAULT_ENDPOINT = "http://localhost:4318";

/** The longest a signal's requests may take, by who else has a say in it. */
const TIMEOUTS = { traces: "spanTimeout", metrics: "metricTimeout", logs: "logTimeout" } as const;

/** Where and how the requests of a signal go. */
export const clientOptions = (config: Config, signal: Signal): ClientOptions => ({
  url: urlOf(config, signal),
  headers: headersOf(config, signal),
  timeoutMillis: Math.min(config[`${signal}Timeout`] ?? config.timeout, config[TIMEOUTS[signal]]),
  compression: config[`${signal}Compression`] ?? config.compression,
  proxy: proxyOf(config, signal),
});

/** The proxy a signal is sent through. Where no address is given, that is a Collector of this machine's, which no proxy reaches. */
function proxyOf(config: Config, signal: Signal): string | undefined {
  if ((config[`${signal}Endpoint`] ?? config.endpoint) === undefined) return undefined;
  const url = new URL(urlOf(config, signal));
  const proxy = url.protocol === "https:" ? config.httpsProxy : config.httpProxy;
  return proxy === undefined || isDirect(url, config.noProxy) ? undefined : proxy;
}

/**
 * Describes where all signals go, and as whom: what was left by a process of another tenant is not to be sent with the
 * credentials of this one.
 */
export const destinationOf = (config: Config): string =>
  JSON.stringify(
    SIGNALS.map((signal) => [
      urlOf(config, signal),
      config[`${signal}Protocol`] ?? config.protocol,
      Object.entries(headersOf(config, signal)).sort(([a], [b]) => (a < b ? -1 : 1)),
      subjectOf(config[`${signal}ClientCertificate`] ?? config.clientCertificate),
    ]),
  );

/** The address of a signal: its own as it stands, the shared one with the path the signal has. */
function urlOf(config: Config, signal: Signal): string {
  const own = config[`${signal}Endpoint`];
  if (own !== undefined) return own;
  const url = new URL(config.endpoint ?? DEFAULT_ENDPOINT);
  let { pathname } = url;
  while (pathname.endsWith("/")) pathname = pathname.slice(0, -1);
  url.pathname = `${pathname}/v1/${signal}`;
  return url.href;
}

const headersOf = (config: Config, signal: Signal): Record<string, string> => ({
  ...config.headers,
  ...config[`${signal}Headers`],
});

/** Reads whom a certificate is for; the certificate itself is renewed now and then. */
function subjectOf(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    const { X509Certificate } = process.getBuiltinModule("node:crypto");
    return new X509Certificate(readFileSync(path)).subject;
  } catch {
    return path;
  }
}
