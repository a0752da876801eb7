import { routeMatched, type Framework } from "../http/framework.ts";
import type { Probe } from "../../src/instrument/probe.ts";

/** Route of trouter 3 and later, which does not keep the source text of the pattern. */
interface Route {
  readonly pattern: RegExp;
  readonly method: string;
}
interface Router {
  readonly routes: Route[];
}
/** Router of trouter 2, which keys handlers by the source text of the pattern. */
interface OldRouter {
  readonly handlers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const texts = new WeakMap<Route, string>();

const isFor = (method: string, route: Route): boolean =>
  route.method === "" || route.method === method || (method === "HEAD" && route.method === "GET");

function routeOf({ routes }: Router, method: string, url: string): string | undefined {
  const found = routes.find((route) => texts.has(route) && isFor(method, route) && route.pattern.test(url));
  return found && texts.get(found);
}

function oldRouteOf({ handlers }: OldRouter, found: unknown): string | undefined {
  for (const byText of Object.values(handlers)) for (const text in byText) if (byText[text] === found) return text;
  return undefined;
}

function patchTrouter(prototype: object, probe: Probe): void {
  probe.wrap(
    prototype,
    "add",
    (original) =>
      function add(this: Router, ...args: unknown[]): unknown {
        const result: unknown = Reflect.apply(original, this, args);
        const [, text] = args;
        if (Array.isArray(this.routes)) probe.attempt(() => void texts.set(this.routes.at(-1)!, String(text)));
        return result;
      } as never,
  );
  probe.wrap(
    prototype,
    "find",
    (original) =>
      function find(this: Router & OldRouter, ...args: [string, string]): unknown {
        const found = Reflect.apply(original, this, args) as { readonly handlers: unknown } | false;
        if (found !== false)
          probe.attempt(() =>
            routeMatched(Array.isArray(this.routes) ? routeOf(this, ...args) : oldRouteOf(this, found.handlers)),
          );
        return found;
      } as never,
  );
}

/** Polka, instrumented through the router it is built on. */
export const polka: Framework = {
  id: "polka",
  modules: ["index.js", "index.mjs"].map((file) => ({ name: "trouter", file, versions: ["2.0.0", "5.0.0"] as const })),
  patch(exports, probe) {
    const { Trouter = exports } = exports as { Trouter?: unknown };
    patchTrouter((Trouter as { prototype: object }).prototype, probe);
  },
};
