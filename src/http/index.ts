import { observeClients } from "./client.ts";
import { guard } from "./guard.ts";
import { followMessages } from "./messages.ts";
import { observeServers } from "./server.ts";
import { decideBy, type Head } from "./span.ts";

/**
 * Traces and measures HTTP requests in and out, at a fraction of what `@opentelemetry/instrumentation-http` costs.
 * @param head decides which spans are recorded; without one the provider's sampler does, with all attributes
 */
export function observeHttp(head: Head | undefined): void {
  guard.count(0);
  decideBy(head);
  followMessages();
  observeServers();
  observeClients();
}
