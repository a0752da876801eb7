import { observeClients } from "./client.ts";
import { guard } from "./guard.ts";
import { observeHttp2Clients } from "./http2-client.ts";
import { lookAt } from "./headers.ts";
import { followMessages } from "./messages.ts";
import { shareMetrics } from "./outer.ts";
import { observeServers } from "./server.ts";
import { useHeadSampler, type Head } from "./span.ts";
import { observeUndici } from "./undici.ts";

/** Properties of the registered SDK, if it is ours: it can then be called directly, which costs less. */
export interface KnownSdk {
  /** Decides which spans are recorded; without it the provider's sampler decides, with all attributes. */
  readonly head?: Head;
  /** The headers in which the propagator finds everything it reads. */
  readonly carriers?: readonly string[];
  /** Tells whether the application's metrics are exported along with ours. */
  readonly isMeasuring: () => boolean;
}

/**
 * Traces and measures incoming and outgoing HTTP requests, at a fraction of the cost of
 * `@opentelemetry/instrumentation-http`.
 */
export function observeHttp({ head, carriers, isMeasuring }: KnownSdk): void {
  guard.count(0);
  useHeadSampler(head);
  lookAt(carriers);
  shareMetrics(isMeasuring);
  followMessages();
  observeServers();
  observeClients();
  observeHttp2Clients();
  observeUndici();
}
