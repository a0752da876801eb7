import type { EventEmitter } from "node:events";
import type { ModuleTarget, Target } from "../../src/instrument/definition.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import { activeContext } from "../../src/context/active.ts";
import { exchangeOf } from "./messages.ts";
import type { RequestContext } from "./request-context.ts";
import { ServerExchange } from "./server-exchange.ts";
import { servedRequest } from "../../src/context/request.ts";

/** Framework for HTTP servers that knows the routes of requests: data, and one function that patches it. */
export interface Framework extends Target {
  /** Patches the exports of the file in place. */
  readonly patch: (exports: unknown, probe: Probe, module: ModuleTarget) => void;
}

/**
 * Returns the context that stores a framework's route information; undefined for a request that is not instrumented.
 */
export function routedContext(request: object): RequestContext | undefined {
  const exchange = exchangeOf(request as EventEmitter);
  return exchange instanceof ServerExchange ? exchange.context : undefined;
}

/** Reports the route of the current request; only the first report takes effect. */
export function routeMatched(route: string | undefined): void {
  const served = servedRequest(activeContext());
  if (served !== undefined && route !== undefined) served.route ??= route;
}
