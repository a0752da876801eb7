import type { IncomingMessage, ServerResponse } from "node:http";
import { errorType } from "../../runtime/error-type.ts";
import { log } from "../../runtime/self-log.ts";
import { adminPages } from "./debug.ts";
import { hasToken } from "./access.ts";
import { healthPages } from "./health.ts";
import type { Source } from "../../server/index.ts";
import { metricPages } from "./metrics.ts";
import { Refusal, type RouteResponse, type Route } from "./route.ts";

/** Returns the routes by path; a path that ends with a slash stands for all paths below it. */
function routesOf(source: Source): ReadonlyMap<string, Route> {
  return new Map([...healthPages(source.config), ...metricPages(source), ...adminPages(source)]);
}

/** Routes of each listener, created with its first request. */
const known = new WeakMap<Source, ReadonlyMap<string, Route>>();

/** Answers a request; errors are answered as well. */
export async function answer(source: Source, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let result: RouteResponse;
  try {
    const routes = known.get(source) ?? routesOf(source);
    known.set(source, routes);
    result = await answerOf(routes, source, request);
  } catch (error) {
    result = error instanceof Refusal ? error.response : { status: 500, body: { error: errorType(error) } };
    if (!(error instanceof Refusal)) log.debug(`a response could not be created: ${String(error)}`);
  }
  response.writeHead(result.status, {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...result.headers,
  });
  response.end(request.method === "HEAD" ? undefined : `${result.json ?? JSON.stringify(result.body)}\n`);
}

async function answerOf(
  routes: ReadonlyMap<string, Route>,
  { config, isPrivate }: Source,
  request: IncomingMessage,
): Promise<RouteResponse> {
  const [path, query] = (request.url ?? "/").split("?", 2) as [string, string | undefined];
  const [route, name] = find(routes, path);
  if (route.isForAdministrators && !isPrivate && !hasToken(request, config.adminToken)) {
    throw config.adminToken === ""
      ? new Refusal(
          403,
          "only on the private socket, which `npx stratascope` asks; STRATASCOPE_ADMIN_TOKEN opens it here",
        )
      : new Refusal(401, "needs the token", { "www-authenticate": "Bearer" });
  }
  const method = request.method === "HEAD" ? "GET" : (request.method ?? "GET");
  const make = route.methods[method];
  if (make === undefined) throw new Refusal(405, "not allowed", { allow: Object.keys(route.methods).join(", ") });
  return make({ name, query: new URLSearchParams(query), request });
}

function find(routes: ReadonlyMap<string, Route>, path: string): [Route, name: string] {
  const exact = routes.get(path);
  if (exact !== undefined) return [exact, ""];
  const slash = path.lastIndexOf("/") + 1;
  const below = routes.get(path.slice(0, slash));
  if (below !== undefined) return [below, path.slice(slash)];
  throw new Refusal(
    404,
    `not found; here are ${["/metrics", ...routes.keys()].filter((known) => !known.endsWith("/")).join(", ")}`,
  );
}
