import { observeClients } from "./client.ts";
import { guard } from "./guard.ts";
import { observeHttp2Clients } from "./http2-client.ts";
import { lookAt } from "./headers.ts";
import { followMessages } from "./messages.ts";
import { shareMetrics } from "./outer.ts";
import { observeServers } from "./server.ts";
import { useHeadSampler, type Head } from "./span.ts";
import { observeUndici } from "./undici.ts";

/** What is known of the SDK that is registered, where it is ours: then it can be asked directly, which costs less. */
export interface KnownSdk {
  /** Decides which spans are recorded; without one the provider's sampler does, with all attributes. */
  readonly head?: Head;
  /** The headers in which the propagator finds all it looks for. */
  readonly carriers?: readonly string[];
  /** Tells whether what the application measures goes where our metrics go. */
  readonly isMeasuring: () => boolean;
}

/**
 * Traces and measures HTTP requests in and out, at a fraction of what `@opentelemetry/instrumentation-http` costs.
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
