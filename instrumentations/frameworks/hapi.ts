import { routedContext, type Framework } from "../http/framework.ts";

interface Request {
  readonly raw: { readonly req: object };
  readonly _route: { readonly path: string; readonly method: string };
}

/**
 * hapi: the route of a request is known as soon as it is looked up. A request with an unsupported method is answered
 * without a route.
 */
export const hapi: Framework = {
  id: "hapi",
  modules: [{ name: "@hapi/hapi", file: "lib/request.js", versions: ["18.0.0", "22.0.0"] }],
  patch(exports, probe) {
    probe.wrap(
      (exports as { prototype: object }).prototype,
      "_lookup",
      (original) =>
        function _lookup(this: Request): unknown {
          const result: unknown = Reflect.apply(original, this, []);
          probe.attempt(() => {
            const context = routedContext(this.raw.req);
            const { path, method } = this._route;
            if (context !== undefined && method !== "_special") context.routing = { routeOf: () => path };
          });
          return result;
        } as never,
    );
  },
};
