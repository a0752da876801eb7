import { routedContext, routeMatched, type Framework } from "../http/framework.ts";
import type { Probe } from "../../src/instrument/probe.ts";

interface Event {
  readonly node: { readonly req: object };
  readonly context: { readonly matchedRoute?: { readonly path?: string } };
}

/** Patches h3 1: its router stores the route on the event after it has read the method from the event. */
function patchEvent(exports: unknown, probe: Probe): void {
  const { prototype } = (exports as { H3Event: { prototype: object } }).H3Event;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, "method")!;
  const { get } = descriptor;
  Object.defineProperty(prototype, "method", {
    ...descriptor,
    get(this: Event): unknown {
      probe.attempt(() => {
        const context = routedContext(this.node.req);
        if (context !== undefined) context.routing ??= { routeOf: () => this.context.matchedRoute?.path };
      });
      return Reflect.apply(get!, this, []);
    },
  });
}

const FIND_ROUTE = "~findRoute";

/** Patches h3 2: it looks up a route for every request, in the context of the request. */
function patchFindRoute(exports: unknown, probe: Probe): void {
  let prototype = (exports as { H3: { prototype: object } }).H3.prototype;
  while (!Object.hasOwn(prototype, FIND_ROUTE)) prototype = Object.getPrototypeOf(prototype) as object;
  probe.wrap(
    prototype,
    FIND_ROUTE,
    (original) =>
      function findRoute(this: unknown, ...args: unknown[]): unknown {
        const found = Reflect.apply(original, this, args) as
          | { readonly data?: { readonly route?: string } }
          | undefined;
        probe.attempt(() => routeMatched(found?.data?.route));
        return found;
      } as never,
  );
}

const NEXT = "dist/_entries/node.mjs";

export const h3: Framework = {
  id: "h3",
  modules: [
    { name: "h3", file: "dist/index.mjs", versions: ["1.8.0", "2.0.0"] },
    { name: "h3", file: "dist/index.cjs", versions: ["1.8.0", "2.0.0"] },
    { name: "h3", file: NEXT, versions: ["2.0.0", "3.0.0"] },
  ],
  patch: (exports, probe, { file }) => (file === NEXT ? patchFindRoute : patchEvent)(exports, probe),
};
