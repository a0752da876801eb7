import { readFileSync } from "node:fs";
import type { Config } from "../../config/index.ts";
import type { ClientOptions } from "./client.ts";
import { SIGNALS, type Signal } from "../batch.ts";
import { isDirect } from "./no-proxy.ts";

const DEFAULT_ENDPOINT = "http://localhost:4318";

/** Settings that also limit the duration of a signal's requests. */
const TIMEOUTS = { traces: "spanTimeout", metrics: "metricTimeout", logs: "logTimeout" } as const;

/** Returns the connection settings of a signal. */
export const clientOptions = (config: Config, signal: Signal): ClientOptions => ({
  url: urlOf(config, signal),
  headers: headersOf(config, signal),
  timeoutMillis: Math.min(config[`${signal}Timeout`] ?? config.timeout, config[TIMEOUTS[signal]]),
  compression: config[`${signal}Compression`] ?? config.compression,
  proxy: proxyOf(config, signal),
});

/**
 * Returns the proxy of a signal. Without an endpoint, the destination is a Collector on this machine, which a proxy
 * cannot reach.
 */
function proxyOf(config: Config, signal: Signal): string | undefined {
  if ((config[`${signal}Endpoint`] ?? config.endpoint) === undefined) return undefined;
  const url = new URL(urlOf(config, signal));
  const proxy = url.protocol === "https:" ? config.httpsProxy : config.httpProxy;
  return proxy === undefined || isDirect(url, config.noProxy) ? undefined : proxy;
}

/**
 * Describes the destinations and credentials of all signals. Telemetry that a process of another tenant left must not
 * be sent with the credentials of this one.
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

/** Returns the URL of a signal: its own endpoint unchanged, or the shared endpoint with the path of the signal. */
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

/** Returns the subject of a certificate. The certificate itself is renewed from time to time. */
function subjectOf(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    const { X509Certificate } = process.getBuiltinModule("node:crypto");
    return new X509Certificate(readFileSync(path)).subject;
  } catch {
    return path;
  }
}
