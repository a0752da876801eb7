import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_SCHEME,
  METRIC_HTTP_CLIENT_REQUEST_DURATION,
  METRIC_HTTP_SERVER_ACTIVE_REQUESTS,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
} from "../../semconv/index.ts";
import type { IncomingMessage } from "node:http";
import type { SumSeries } from "../../src/metrics/series.ts";
import type { HistogramSeries } from "../../src/metrics/histogram.ts";
import { metricRegistry, SERIES_LIMIT } from "../../src/metrics/registry.ts";
import type { Scheme } from "./addresses.ts";
import type { ClientTarget } from "./client-target.ts";
import { knownMethod } from "./methods.ts";

/** Result of an exchange. */
export interface ExchangeResult {
  /** The status of the response, if there was one. */
  readonly status: number | undefined;
  /** `error.type`, if it failed. */
  readonly failure: string | undefined;
}

/** Result of an exchange, and its HTTP version. */
export interface ClientExchangeResult extends ExchangeResult {
  /** The HTTP version, if known. */
  readonly version: string | undefined;
}

const attributesOf = ({
  status,
  failure,
  version,
}: ClientExchangeResult): Record<string, string | number | undefined> => ({
  [ATTR_HTTP_RESPONSE_STATUS_CODE]: status,
  [ATTR_NETWORK_PROTOCOL_VERSION]: version,
  [ATTR_ERROR_TYPE]: failure,
});

/** Caches a series, up to the cardinality limit: applications and their clients invent routes and addresses. */
function keep<K, V>(map: Map<K, V>, key: K, value: V): V {
  if (map.size < SERIES_LIMIT) map.set(key, value);
  return value;
}

const serverDurations = metricRegistry.instrument(METRIC_HTTP_SERVER_REQUEST_DURATION);
const activeRequests = metricRegistry.instrument(METRIC_HTTP_SERVER_ACTIVE_REQUESTS);

type HttpVersion = Pick<IncomingMessage, "httpVersion" | "httpVersionMajor" | "httpVersionMinor">;

/** Series of a server's requests with one method. */
export class ServerSeries {
  /** Requests that are being answered. */
  readonly active: SumSeries;
  readonly #identity: Readonly<Record<string, string>>;
  readonly #byRoute = new Map<string | undefined, Map<number, HistogramSeries>>();

  constructor(scheme: string, method: string) {
    this.#identity = { [ATTR_HTTP_REQUEST_METHOD]: knownMethod(method), [ATTR_URL_SCHEME]: scheme };
    this.active = activeRequests.bind(this.#identity);
  }

  /** Returns the duration series of requests with this result. */
  duration(request: HttpVersion, route: string | undefined, ending: ExchangeResult): HistogramSeries {
    const { status, failure } = ending;
    // Failures other than the status itself are rare.
    if (status === undefined || (failure !== undefined && failure !== String(status)))
      return this.#bind(request, route, ending);
    const { httpVersionMajor, httpVersionMinor } = request;
    const key = (status * 10 + httpVersionMajor) * 10 + httpVersionMinor;
    const series = this.#byRoute.get(route) ?? keep(this.#byRoute, route, new Map());
    return series.get(key) ?? keep(series, key, this.#bind(request, route, ending));
  }

  #bind({ httpVersion }: HttpVersion, route: string | undefined, ending: ExchangeResult): HistogramSeries {
    const attributes = attributesOf({ ...ending, version: httpVersion });
    return serverDurations.bind({ ...this.#identity, [ATTR_HTTP_ROUTE]: route, ...attributes });
  }
}

const serverSeries = { http: new Map<string, ServerSeries>(), https: new Map<string, ServerSeries>() };

/** Returns the series of a method, which is one of those known to the parser of Node.js. */
export function serverSeriesOf(scheme: Scheme, method: string): ServerSeries {
  const byMethod = serverSeries[scheme];
  return byMethod.get(method) ?? keep(byMethod, method, new ServerSeries(scheme, method));
}

const clientDurations = metricRegistry.instrument(METRIC_HTTP_CLIENT_REQUEST_DURATION);
const clientSeries = new Map<string, HistogramSeries>();

/** Returns the duration series of requests with the same result. */
export function clientDurationOf(request: ClientTarget, outcome: ClientExchangeResult): HistogramSeries {
  const { status, failure, version } = outcome;
  const key = `${request.method} ${status} ${version} ${failure} ${request.port} ${request.host}`;
  return clientSeries.get(key) ?? keep(clientSeries, key, bindClientDuration(request, outcome));
}

const bindClientDuration = ({ method, host, port }: ClientTarget, outcome: ClientExchangeResult): HistogramSeries =>
  clientDurations.bind({
    [ATTR_HTTP_REQUEST_METHOD]: knownMethod(method),
    [ATTR_SERVER_ADDRESS]: host,
    [ATTR_SERVER_PORT]: port,
    ...attributesOf(outcome),
  });
