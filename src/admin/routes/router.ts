import type { IncomingMessage, ServerResponse } from "node:http";
import { errorType } from "../../runtime/error-type.ts";
import { log } from "../../runtime/self-log.ts";
import { adminPages } from "./debug.ts";
import { hasToken } from "./access.ts";
import { healthPages } from "./health.ts";
import type { Source } from "../../server/index.ts";
import { metricPages } from "./metrics.ts";
import { Refusal, type Answer, type Page } from "./route.ts";

/** Returns the routes by path; a path that ends with a slash stands for all paths below it. */
function pagesOf(source: Source): ReadonlyMap<string, Page> {
  return new Map([...healthPages(source.config), ...metricPages(source), ...adminPages(source)]);
}

/** Routes of each listener, created with its first request. */
const known = new WeakMap<Source, ReadonlyMap<string, Page>>();

/** Answers a request; errors are answered as well. */
export async function answer(source: Source, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let answer: Answer;
  try {
    const pages = known.get(source) ?? pagesOf(source);
    known.set(source, pages);
    answer = await answerOf(pages, source, request);
  } catch (error) {
    answer = error instanceof Refusal ? error.answer : { status: 500, body: { error: errorType(error) } };
    if (!(error instanceof Refusal)) log.debug(`a page could not be made: ${String(error)}`);
  }
  response.writeHead(answer.status, {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...answer.headers,
  });
  response.end(request.method === "HEAD" ? undefined : `${answer.json ?? JSON.stringify(answer.body)}\n`);
}

async function answerOf(
  pages: ReadonlyMap<string, Page>,
  { config, isPrivate }: Source,
  request: IncomingMessage,
): Promise<Answer> {
  const [path, query] = (request.url ?? "/").split("?", 2) as [string, string | undefined];
  const [page, name] = find(pages, path);
  if (page.isForAdministrators && !isPrivate && !hasToken(request, config.adminToken)) {
    throw config.adminToken === ""
      ? new Refusal(
          403,
          "only on the private socket, which `npx stratascope` asks; STRATASCOPE_ADMIN_TOKEN opens it here",
        )
      : new Refusal(401, "needs the token", { "www-authenticate": "Bearer" });
  }
  const method = request.method === "HEAD" ? "GET" : (request.method ?? "GET");
  const make = page.methods[method];
  if (make === undefined) throw new Refusal(405, "not allowed", { allow: Object.keys(page.methods).join(", ") });
  return make({ name, query: new URLSearchParams(query), request });
}

function find(pages: ReadonlyMap<string, Page>, path: string): [Page, name: string] {
  const exact = pages.get(path);
  if (exact !== undefined) return [exact, ""];
  const slash = path.lastIndexOf("/") + 1;
  const below = pages.get(path.slice(0, slash));
  if (below !== undefined) return [below, path.slice(slash)];
  throw new Refusal(
    404,
    `not found; here are ${["/metrics", ...pages.keys()].filter((known) => !known.endsWith("/")).join(", ")}`,
  );
}
