import type { IncomingMessage } from "node:http";

/** Response. */
export interface RouteResponse {
  readonly status: number;
  /** Value that is serialized as JSON. */
  readonly body?: unknown;
  /** Body that is serialized already. */
  readonly json?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Request to a route. */
export interface RouteRequest {
  /** The rest of the path, for a route with a path prefix. */
  readonly name: string;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
}

/** Handlers of a path, by method. */
export interface Route {
  readonly methods: Readonly<Record<string, (question: RouteRequest) => RouteResponse | Promise<RouteResponse>>>;
  /** True if only this machine and clients with the token have access. */
  readonly isForAdministrators: boolean;
}

/** Error that is sent as a response. */
export class Refusal extends Error {
  readonly response: RouteResponse;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.response = { status, body: { error: message }, headers };
  }
}

/** Decodes a path segment. */
export function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw new Refusal(404, "not a name");
  }
}

/** Maximum size of a request body, in bytes. */
const MAX_BYTES = 4096;

/** Reads the body of a request: a JSON object. */
export async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Refusal(413, `more than ${MAX_BYTES} bytes`, { connection: "close" });
    chunks.push(chunk);
  }
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  } catch {
    // Handled below.
  }
  throw new Refusal(400, "the body has to be an object in JSON");
}
