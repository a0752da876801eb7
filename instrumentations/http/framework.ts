import type { EventEmitter } from "node:events";
import type { Target } from "../../src/instrument/definition.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import { activeContext } from "../../src/context/active.ts";
import { exchangeOf } from "./messages.ts";
import type { RequestContext } from "./request-context.ts";
import { ServerExchange } from "./server-exchange.ts";
import { servedRequest } from "../../src/context/request.ts";

/** A framework for HTTP servers that knows the routes of requests: data, and one function that patches it. */
export interface Framework extends Target {
  /** Patches the exports of the file in place. */
  readonly patch: (exports: unknown, probe: Probe) => void;
}

/** Where what a framework knows of the route of a request is kept; undefined for a request that is not followed. */
export function routedContext(request: object): RequestContext | undefined {
  const exchange = exchangeOf(request as EventEmitter);
  return exchange instanceof ServerExchange ? exchange.context : undefined;
}

/** Reports the route of the request that is handled at the moment; the first that is reported stays. */
export function routeMatched(route: string | undefined): void {
  const served = servedRequest(activeContext());
  if (served !== undefined && route !== undefined) served.route ??= route;
}
