import { randomBytes } from "node:crypto";

export interface Request {
  readonly method: "GET" | "PUT" | "POST";
  readonly path: string;
  readonly body?: string | ReadableStream<Uint8Array>;
}

/** Sends requests, each as the beginning of a trace of its own, and counts the answers. */
export class Connection {
  /** Requests that were answered, by status. */
  readonly answers = new Map<number, number>();
  /** Requests without an answer. */
  failed = 0;
  readonly #address: string;
  readonly #signal: AbortSignal;

  constructor(address: string, signal: AbortSignal) {
    this.#address = address;
    this.#signal = signal;
  }

  get isOver(): boolean {
    return this.#signal.aborted;
  }

  get answered(): number {
    return [...this.answers.values()].reduce((sum, count) => sum + count, 0);
  }

  async send({ method, path, body }: Request): Promise<void> {
    const init = { method, body: body ?? null, duplex: "half", headers: { traceparent: newTrace() } } as const;
    try {
      const response = await fetch(this.#address + path, { ...init, signal: this.#signal });
      await response.arrayBuffer();
      this.answers.set(response.status, (this.answers.get(response.status) ?? 0) + 1);
    } catch {
      this.failed++;
    }
  }
}

/** A `traceparent` header of a sampled trace: https://www.w3.org/TR/trace-context/ */
function newTrace(): string {
  return `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01`;
}
