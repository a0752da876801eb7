import { routedContext, type Framework } from "../http/framework.ts";
import { routeText } from "../http/route.ts";

/** Fields that `koa-router` and `@koa/router` store on the context of a request. */
interface Context {
  readonly method: string;
  readonly _matchedRoute?: unknown;
  readonly matched?: readonly { readonly path: unknown; readonly methods: readonly string[] }[];
}

/**
 * Returns the route of the handler that was called last. Middleware of the router has a path and no methods: if it
 * answered, this is the route the request would have reached.
 */
function routeOf({ method, matched = [], _matchedRoute: current }: Context): string | undefined {
  const routes = matched.filter(({ methods }) => methods.includes(method));
  const found = routes.find(({ path }) => path === current) ?? routes.at(-1);
  return found === undefined ? undefined : routeText(found.path);
}

/** Koa: a single method creates the context of every request. */
export const koa: Framework = {
  id: "koa",
  modules: [{ name: "koa", file: "lib/application.js", versions: ["2.0.0", "4.0.0"] }],
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
