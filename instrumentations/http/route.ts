import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { guard } from "./guard.ts";

/** Fields that Express and similar routers store on the request they matched. */
interface RoutedRequest {
  readonly route?: { readonly path?: unknown };
  /** The text matched by the routers around the matched one. */
  readonly baseUrl?: unknown;
}

/** Route information of one request, evaluated on demand. */
export interface Routing {
  /**
   * Returns the route of a request.
   * @param request the object on which the framework stores its route, if it does
   */
  routeOf(request: object): string | undefined;
}

/** Returns the text of a route as the application gave it: a path, a regular expression, or several of them. */
export function routeText(path: unknown): string | undefined {
  if (typeof path === "string") return path;
  if (path instanceof RegExp) return String(path);
  if (!Array.isArray(path)) return undefined;
  const texts = path.map(routeText);
  return texts.includes(undefined) ? undefined : texts.join(",");
}

/** Joins the route of a nested router to the route it is mounted at. */
export function joinRoutes(above: string, route: string): string {
  if (route === "/" || route === "") return above || "/";
  return above === "" || route.startsWith("/") ? above + route : `${above}/${route}`;
}

/**
 * Maximum number of distinct prefixes of routers that are not instrumented; beyond it, prefixes are taken to contain
 * values.
 */
const MAX_PREFIXES = 50;
const MAX_PREFIX = 128;
const prefixes = new Set<string>();

/** Pattern of a prefix made of names only, such as `/api/v1`, but not `/tenant-7`. */
const NAMES = /^(?:\/(?:v\d{1,2}|[a-z_-]+))+$/i;

/**
 * Returns the route that a framework which is not instrumented, as in a bundle, stored on the request. For the routers
 * around the matched one it keeps the matched text, values included. That text is used only if it consists of names and
 * if there are few distinct ones.
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

/** Message that Fastify publishes when it has matched a route. */
interface FastifyHandler {
  readonly request: { readonly raw: IncomingMessage };
  readonly route: { readonly url?: string };
}

interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly routeOptions?: { readonly url?: string };
  /** Set in versions before 4.10. */
  readonly routerPath?: string;
}

/** Message that Fastify publishes when an instance is created. */
interface FastifyInstance {
  readonly fastify: {
    addHook(name: "onRequest", hook: (request: FastifyRequest, reply: unknown, done: () => void) => void): void;
  };
}

/**
 * Reports the routes of frameworks that publish them. Fastify publishes the handler it calls. If a hook or a validation
 * answers there is none; the hook it offers sees those requests as well.
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
