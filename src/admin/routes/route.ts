import type { IncomingMessage } from "node:http";

/** What is answered. */
export interface Answer {
  readonly status: number;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** The same, where it is JSON already. */
  readonly json?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What is asked of a page. */
export interface Question {
  /** The rest of the path, for a page that stands for several. */
  readonly name: string;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
}

/** What is answered at a path, by method. */
export interface Page {
  readonly methods: Readonly<Record<string, (question: Question) => Answer | Promise<Answer>>>;
  /** Whether it is for this machine, and those who have the token. */
  readonly isForAdministrators: boolean;
}

/** A request that is not answered as it was meant. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.answer = { status, body: { error: message }, headers };
  }
}

/** A name as a path has it. */
export function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw new Refusal(404, "not a name");
  }
}

/** Bytes the body of a request may have. */
const LONGEST = 4096;

/** The body of a request: an object in JSON. */
export async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LONGEST) throw new Refusal(413, `more than ${LONGEST} bytes`, { connection: "close" });
    chunks.push(chunk);
  }
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  } catch {
    // Answered below.
  }
  throw new Refusal(400, "the body has to be an object in JSON");
}
