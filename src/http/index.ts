import { observeClients } from "./client.ts";
import { guard } from "./guard.ts";
import { followMessages } from "./messages.ts";
import { askDirectly, type KnownSdk } from "./sdk.ts";
import { observeServers } from "./server.ts";

export type { KnownSdk } from "./sdk.ts";

/**
 * Traces and measures HTTP requests in and out, at a fraction of what `@opentelemetry/instrumentation-http` costs.
 */
export function observeHttp(sdk: KnownSdk): void {
  guard.count(0);
  askDirectly(sdk);
  followMessages();
  observeServers();
  observeClients();
}
