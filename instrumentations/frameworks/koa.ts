import { routedContext, type Framework } from "../http/framework.ts";
import { routeText } from "../http/route.ts";

/** What `koa-router` and `@koa/router` leave on the context of a request. */
interface Context {
  readonly method: string;
  readonly _matchedRoute?: unknown;
  readonly matched?: readonly { readonly path: unknown; readonly methods: readonly string[] }[];
}

/**
 * The route of the handler that was called last. Where a middleware of the router answered, which has a path and no
 * methods, it is the route the request would have come to.
 */
function routeOf({ method, matched = [], _matchedRoute: current }: Context): string | undefined {
  const routes = matched.filter(({ methods }) => methods.includes(method));
  const found = routes.find(({ path }) => path === current) ?? routes.at(-1);
  return found === undefined ? undefined : routeText(found.path);
}

/** Koa: every request gets its context from one method. */
export const koa: Framework = {
  id: "koa",
  module: "koa",
  file: "lib/application.js",
  versions: ["2.0.0", "4.0.0"],
  patch(exports, probe) {
    probe.wrap(
      (exports as { prototype: object }).prototype,
      "createContext",
      (original) =>
        function createContext(this: unknown, ...args: unknown[]): unknown {
          const made = Reflect.apply(original, this, args) as Context;
          probe.attempt(() => {
            const context = routedContext(args[0] as object);
            if (context !== undefined) context.routing = { routeOf: () => routeOf(made) };
          });
          return made;
        } as never,
    );
  },
};
