import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { guard } from "./guard.ts";

/** What Express and routers like it leave on the request they matched. */
interface RoutedRequest {
  readonly route?: { readonly path?: unknown };
  /** What the routers around the matched one matched. */
  readonly baseUrl?: unknown;
}

/**
 * The route a framework left on the request. Not where there are routers around it: of those it keeps what they
 * matched, values included, and a route without values cannot be told from one with them.
 */
export function routeOf(request: object): string | undefined {
  const { route, baseUrl } = request as RoutedRequest;
  const path = route?.path;
  return typeof path === "string" && !baseUrl ? path : undefined;
}

/** What Fastify publishes when it has matched a route. */
interface FastifyHandler {
  readonly request: { readonly raw: IncomingMessage };
  readonly route: { readonly url?: string };
}

/** Tells of the routes of frameworks that publish them. */
export function onRoute(matched: (request: IncomingMessage, route: string) => void): void {
  subscribe(
    "tracing:fastify.request.handler:start",
    guard.callback((message: unknown) => {
      const { request, route } = message as FastifyHandler;
      if (route.url !== undefined) matched(request.raw, route.url);
    }),
  );
}
