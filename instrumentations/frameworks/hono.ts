import { routeMatched, type Framework } from "../http/framework.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import type { AnyFunction } from "../../src/instrument/wrap.ts";

/** Handler registered for a path. Its method is `ALL` if it serves every method, as middleware does. */
interface Registered {
  readonly path: string;
  readonly method: string;
}
type Matched = readonly [readonly (readonly [readonly [unknown, Registered], unknown])[], ...unknown[]];
interface Router {
  match: AnyFunction;
}

/**
 * Returns the route of the handler among the matches: the one for a single method, or else one for a path without a
 * wildcard.
 */
function routeOf([handlers]: Matched): string | undefined {
  const registered = handlers.map(([[, route]]) => route);
  const route =
    registered.findLast(({ method }) => method !== "ALL") ?? registered.findLast(({ path }) => !path.endsWith("*"));
  return route?.path;
}

function wrapMatch(router: object, probe: Probe): void {
  probe.wrap(
    router,
    "match",
    (original) =>
      function match(this: Router, ...args: unknown[]): unknown {
        const before = Object.getOwnPropertyDescriptor(this, "match")?.value as unknown;
        const result: unknown = Reflect.apply(original, this, args);
        probe.attempt(() => {
          // On the first request, the smart router replaces its own `match` with that of the router it chose.
          const own = Object.getOwnPropertyDescriptor(this, "match")?.value as unknown;
          if (own !== undefined && own !== before) wrapMatch(this, probe);
          routeMatched(routeOf(result as Matched));
        });
        return result;
      } as never,
  );
}

const FOLDERS = ["dist", "dist/cjs"];
const ROUTERS = ["smart-router", "pattern-router"];

/** Hono: a router matches every request, in the context of the request; available as an ES module and as CommonJS. */
export const hono: Framework = {
  id: "hono",
  modules: FOLDERS.flatMap((folder) =>
    ROUTERS.map((router) => ({
      name: "hono",
      file: `${folder}/router/${router}/router.js`,
      versions: ["4.0.0", "5.0.0"] as const,
    })),
  ),
  patch(exports, probe) {
    const { SmartRouter, PatternRouter } = exports as Readonly<Record<string, { prototype: object } | undefined>>;
    wrapMatch((SmartRouter ?? PatternRouter)!.prototype, probe);
  },
};
