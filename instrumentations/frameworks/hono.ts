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

const of = (id: string, file: string, name: string): Framework => ({
  id,
  module: "hono",
  file,
  versions: ["4.0.0", "5.0.0"],
  patch: (exports, probe) =>
    wrapMatch((exports as Readonly<Record<string, { prototype: object }>>)[name]!.prototype, probe),
});

/** Hono: a router matches every request, in the context of the request; available as an ES module and as CommonJS. */
export const hono: readonly Framework[] = [
  of("hono", "dist/router/smart-router/router.js", "SmartRouter"),
  of("hono", "dist/cjs/router/smart-router/router.js", "SmartRouter"),
  of("hono", "dist/router/pattern-router/router.js", "PatternRouter"),
  of("hono", "dist/cjs/router/pattern-router/router.js", "PatternRouter"),
];
