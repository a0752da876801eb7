import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { guard } from "./guard.ts";

/** What Express and routers like it leave on the request they matched. */
interface RoutedRequest {
  readonly route?: { readonly path?: unknown };
  /** What the routers around the matched one matched. */
  readonly baseUrl?: unknown;
}

/** What a framework knows of the route of one request, asked when it is needed. */
export interface Routing {
  /** @param request what the framework leaves its route on, if it does */
  routeOf(request: object): string | undefined;
}

/** The text of a route as the application gave it: a path, an expression, or several of them. */
export function routeText(path: unknown): string | undefined {
  if (typeof path === "string") return path;
  if (path instanceof RegExp) return String(path);
  if (!Array.isArray(path)) return undefined;
  const texts = path.map(routeText);
  return texts.includes(undefined) ? undefined : texts.join(",");
}

/** The route of a router below the one it is mounted at. */
export function joinRoutes(above: string, route: string): string {
  if (route === "/" || route === "") return above || "/";
  return above === "" || route.startsWith("/") ? above + route : `${above}/${route}`;
}

/** Distinct prefixes of routers that are not observed; with more of them, they hold values. */
const MAX_PREFIXES = 50;
const MAX_PREFIX = 128;
const prefixes = new Set<string>();

/** Names only, as in `/api/v1`, but not `/tenant-7`. */
const NAMES = /^(?:\/(?:v\d{1,2}|[a-z_-]+))+$/i;

/**
 * The route a framework that is not observed, as in a bundle, left on the request. Of the routers around the matched
 * one it keeps what they matched, values included: that is taken where it is made of names, and of few of them.
 */
export function routeOf(request: object): string | undefined {
  const { route, baseUrl } = request as RoutedRequest;
  const path = route === undefined ? undefined : routeText(route.path);
  if (path === undefined || !baseUrl) return path;
  return typeof baseUrl === "string" && isPrefix(baseUrl) ? joinRoutes(baseUrl, path) : undefined;
}

function isPrefix(baseUrl: string): boolean {
  if (prefixes.has(baseUrl)) return prefixes.size < MAX_PREFIXES;
  if (prefixes.size >= MAX_PREFIXES || baseUrl.length > MAX_PREFIX || !NAMES.test(baseUrl)) return false;
  prefixes.add(baseUrl);
  return prefixes.size < MAX_PREFIXES;
}

/** What Fastify publishes when it has matched a route. */
interface FastifyHandler {
  readonly request: { readonly raw: IncomingMessage };
  readonly route: { readonly url?: string };
}

interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly routeOptions?: { readonly url?: string };
  /** In versions before 4.10. */
  readonly routerPath?: string;
}

/** What Fastify publishes when an instance is made. */
interface FastifyInstance {
  readonly fastify: {
    addHook(name: "onRequest", hook: (request: FastifyRequest, reply: unknown, done: () => void) => void): void;
  };
}

/**
 * Reports the routes of frameworks that publish them. Fastify publishes the handler it calls, which is none where a
 * hook or a validation answers; the hook it offers sees those requests too.
 */
export function onRoute(matched: (request: IncomingMessage, route: string) => void): void {
  const report = guard.callback((request: IncomingMessage, route: string | undefined) => {
    if (route !== undefined) matched(request, route);
  });
  subscribe(
    "tracing:fastify.request.handler:start",
    guard.callback((message: unknown) => {
      const { request, route } = message as FastifyHandler;
      report(request.raw, route.url);
    }),
  );
  subscribe(
    "fastify.initialization",
    guard.callback((message: unknown) => {
      (message as FastifyInstance).fastify.addHook("onRequest", (request, _, done) => {
        report(request.raw, request.routeOptions === undefined ? request.routerPath : request.routeOptions.url);
        done();
      });
    }),
  );
}
