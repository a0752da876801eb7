import { observeClients } from "./client.ts";
import { guard } from "./guard.ts";
import { observeHttp2Clients } from "./http2-client.ts";
import { setPropagationHeaders } from "./headers.ts";
import { followMessages } from "./messages.ts";
import { shareMetrics } from "./outer.ts";
import { observeServers } from "./server.ts";
import type { HeadSampler } from "../../src/spans/head-sampler.ts";
import { useHeadSampler } from "./span.ts";
import { observeUndici } from "./undici.ts";

/** Properties of the registered SDK, if it is ours: it can then be called directly, which costs less. */
export interface KnownSdk {
  /** Decides which spans are recorded; without it the provider's sampler decides, with all attributes. */
  readonly headSampler?: HeadSampler;
  /** The headers in which the propagator finds everything it reads. */
  readonly propagationHeaders?: readonly string[];
  /** Tells whether the application's metrics are exported along with ours. */
  readonly isMeasuring: () => boolean;
}

/**
 * Traces and measures incoming and outgoing HTTP requests, at a fraction of the cost of
 * `@opentelemetry/instrumentation-http`.
 */
export function observeHttp({ headSampler, propagationHeaders, isMeasuring }: KnownSdk): void {
  guard.count(0);
  useHeadSampler(headSampler);
  setPropagationHeaders(propagationHeaders);
  shareMetrics(isMeasuring);
  followMessages();
  observeServers();
  observeClients();
  observeHttp2Clients();
  observeUndici();
}
