import { routedContext, type Framework } from "../http/framework.ts";
import { joinRoutes, routeOf, routeText, type Routing } from "../http/route.ts";
import type { Probe } from "../../src/instrument/probe.ts";

interface Request {
  readonly url: string;
  readonly baseUrl: string;
  readonly route?: Route;
}
interface Route {
  readonly path: unknown;
}
type Handle = (this: Layer, request: Request, response: unknown, next: unknown) => unknown;

/** Entry of a router's stack: one for each route and each mounted handler. */
interface Layer {
  route?: Route;
  match(path: string): unknown;
  handle_request?: Handle;
  handleRequest?: Handle;
}
interface Router {
  readonly stack: Layer[];
  readonly caseSensitive?: boolean;
  readonly strict?: boolean;
}
type LayerClass = new (path: unknown, options: object, handle: () => void) => Layer;

/** Path by which a request reached a router. */
interface Entry {
  /** The part of the path that the enclosing routers matched. */
  readonly base: string;
  /** The routes of the enclosing routers, as the application gave them. */
  readonly route: string | undefined;
}

/** The router each route belongs to. */
const routers = new WeakMap<Route, Router>();

/**
 * Routers that a request went through. Express keeps only the text they matched, and reverts even that when one of
 * their handlers fails.
 */
class ExpressRouting implements Routing {
  readonly #mounted = new Map<string, string>();
  readonly #entries = new Map<Router, Entry>();
  /** For a route with several paths, the path that matched. */
  readonly #matched = new Map<Route, string>();

  static of(request: Request): ExpressRouting | undefined {
    const context = routedContext(request);
    if (context === undefined) return undefined;
    if (context.routing instanceof ExpressRouting) return context.routing;
    const routing = new ExpressRouting();
    context.routing = routing;
    return routing;
  }

  /** Follows a request into a mounted handler. */
  mount(router: Router, request: Request, pathOf: PathOf): void {
    const entry = this.#entries.get(router);
    const value = request.baseUrl.slice(entry?.base.length ?? 0);
    const above = entry === undefined ? "" : entry.route;
    const path = pathOf(value);
    if (above !== undefined && path !== undefined)
      this.#mounted.set(request.baseUrl, joinRoutes(above, path).replace(/\/$/, ""));
  }

  enter(router: Router, { baseUrl: base }: Request): void {
    this.#entries.set(router, { base, route: this.#mounted.get(base) });
  }

  match(route: Route, path: string | undefined): void {
    if (path !== undefined) this.#matched.set(route, path);
  }

  routeOf(request: object): string | undefined {
    const { route, baseUrl } = request as Request;
    // The handler that answered is mounted and is either not a router or has no route of its own.
    if (route === undefined) return this.#mounted.get(baseUrl);
    const router = routers.get(route);
    if (router === undefined) return routeOf(request);
    const entry = this.#entries.get(router);
    const above = entry === undefined ? "" : entry.route;
    const path = this.#matched.get(route) ?? routeText(route.path);
    return above === undefined || path === undefined ? undefined : joinRoutes(above, path);
  }
}

/** Selects, of several paths, the one that matched a value. */
type PathOf = (value: string) => string | undefined;

/** Returns a function that finds the matching path with the router's own matcher, if there are several paths. */
function pathFinder(path: unknown, layer: Layer, options: object): PathOf {
  const paths = Array.isArray(path) ? (path.flat(Infinity) as unknown[]) : [path];
  const texts = paths.map(routeText);
  if (paths.length === 1) return () => texts[0];
  let alternatives: Layer[] | undefined;
  return (value) => {
    alternatives ??= paths.map((each) => new (layer.constructor as LayerClass)(each, options, () => {}));
    const found = alternatives.findIndex((each) => Boolean(each.match(value)));
    return found === -1 ? texts.join(",") : texts[found];
  };
}

/** Reports when a request is passed to a layer; only these layers bear the cost. */
function onHandle(layer: Layer, probe: Probe, handled: (request: Request) => void): void {
  const name = layer.handleRequest === undefined ? "handle_request" : "handleRequest";
  const value: Handle = function (request, response, next) {
    probe.attempt(() => handled(request));
    return Reflect.apply((Object.getPrototypeOf(this) as Layer)[name]!, this, [request, response, next]);
  };
  Object.defineProperty(layer, name, { value, configurable: true, writable: true });
}

function mounted(router: Router, layer: Layer, path: unknown, probe: Probe): void {
  const pathOf = pathFinder(path, layer, { sensitive: router.caseSensitive, strict: false, end: false });
  onHandle(layer, probe, (request) => ExpressRouting.of(request)?.mount(router, request, pathOf));
}

function routed(router: Router, layer: Layer, route: Route, probe: Probe): void {
  routers.set(route, router);
  if (!Array.isArray(route.path)) return;
  const { caseSensitive: sensitive, strict } = router;
  const pathOf = pathFinder(route.path, layer, { sensitive, strict, end: true });
  onHandle(layer, probe, (request) => ExpressRouting.of(request)?.match(route, pathOf(request.url.split("?", 1)[0]!)));
}

/** Returns the path passed to `use`, if any. */
function mountPath(first: unknown): unknown {
  let argument = first;
  while (Array.isArray(argument) && argument.length > 0) argument = argument[0];
  return typeof argument === "function" ? undefined : first;
}

function patchRouter(prototype: object, probe: Probe): void {
  probe.wrap(
    prototype,
    "use",
    (original) =>
      function use(this: Router, ...args: unknown[]): unknown {
        const before = this.stack?.length;
        const result: unknown = Reflect.apply(original, this, args);
        const path = mountPath(args[0]);
        if (path !== undefined && path !== "/" && path !== "")
          probe.attempt(() => {
            for (const layer of this.stack.slice(before)) mounted(this, layer, path, probe);
          });
        return result;
      } as never,
  );
  probe.wrap(
    prototype,
    "route",
    (original) =>
      function route(this: Router, ...args: unknown[]): unknown {
        const result = Reflect.apply(original, this, args) as Route;
        probe.attempt(() => routed(this, this.stack.at(-1)!, result, probe));
        return result;
      } as never,
  );
  probe.wrap(
    prototype,
    "handle",
    (original) =>
      function handle(this: Router, ...args: unknown[]): unknown {
        const request = args[0] as Request;
        if (request.baseUrl) probe.attempt(() => ExpressRouting.of(request)?.enter(this, request));
        return Reflect.apply(original, this, args);
      } as never,
  );
}

/** Express 4: a router is a function whose prototype is the function that creates it. */
export const express: Framework = {
  id: "express",
  modules: [{ name: "express", file: "lib/router/index.js", versions: ["4.0.0", "5.0.0"] }],
  patch: (exports, probe) => patchRouter(exports as object, probe),
};

/** Express 5, and applications that use its router alone. */
export const router: Framework = {
  id: "router",
  modules: [{ name: "router", file: "index.js", versions: ["1.3.0", "3.0.0"] }],
  patch: (exports, probe) => patchRouter((exports as { prototype: object }).prototype, probe),
};
