import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

/** Request to a handler. */
export interface Call {
  readonly request: IncomingMessage;
  /** What the path has in place of the route's parameter, if it has one. */
  readonly parameter: string;
  readonly query: URLSearchParams;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

export interface Route {
  readonly method: string;
  /** The first group is the parameter. */
  readonly path: RegExp;
  readonly handle: (call: Call) => Reply | Promise<Reply>;
}

export const ok = (body: unknown): Reply => ({ status: 200, body });
export const failure = (status: number, error: string): Reply => ({ status, body: { error } });

/** An error the client is told about. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Answers an error of a handler, if it knows it. */
type Explain = (error: unknown) => Reply | undefined;

/** Answers requests with JSON. */
export function serve(routes: readonly Route[], explain: Explain = () => undefined): RequestListener {
  return (request, response) => {
    const answered = answer(routes, request).catch((error: unknown) => explain(error) ?? explainAny(error));
    void answered.then((reply) => send(response, reply));
  };
}

async function answer(routes: readonly Route[], request: IncomingMessage): Promise<Reply> {
  const { pathname, searchParams: query } = urlOf(request);
  for (const { method, path, handle } of routes) {
    const match = request.method === method ? path.exec(pathname) : null;
    if (match !== null) return await handle({ request, query, parameter: decode(match[1] ?? "") });
  }
  return failure(404, `there is no ${request.method} ${pathname}`);
}

function urlOf({ url = "/" }: IncomingMessage): URL {
  const parsed = URL.parse(url, "http://localhost");
  if (parsed === null) throw new HttpError(400, "the path cannot be read");
  return parsed;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new HttpError(400, "the path is not encoded correctly");
  }
}

function explainAny(error: unknown): Reply {
  if (error instanceof HttpError) return failure(error.status, error.message);
  if ((error as NodeJS.ErrnoException).code === "ECONNRESET") return failure(400, "the request broke off");
  console.error(error);
  return failure(500, "internal error");
}

function send(response: ServerResponse, { status, body }: Reply): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(`${JSON.stringify(body)}\n`);
}

const MAX_BODY = 65_536;

/** The body of a request as JSON. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk as string;
    if (text.length > MAX_BODY) throw new HttpError(413, "the body is too long");
  }
  return parseJson(text);
}

/** The lines of a body as JSON, each when it arrives. */
export async function* readJsonLines(request: IncomingMessage): AsyncGenerator {
  let rest = "";
  for await (const chunk of request.setEncoding("utf8")) {
    const lines = (rest + (chunk as string)).split("\n");
    rest = lines.pop()!;
    if (rest.length > MAX_BODY) throw new HttpError(413, "a line is too long");
    for (const line of lines) yield parseJson(line);
  }
  if (rest !== "") yield parseJson(rest);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new HttpError(400, "the body is not JSON");
  }
}
