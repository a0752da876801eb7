import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What the agent of dd-trace answers; a Collector answers with nothing. */
const ANSWERS: Readonly<Record<string, string>> = {
  "/info": JSON.stringify({ endpoints: ["/v0.4/traces"] }),
  "/v0.4/traces": JSON.stringify({ rate_by_service: {} }),
};

/** A Collector, and an agent of dd-trace, that takes everything. */
export class Sink {
  readonly #server: Server = createServer();
  readonly #waiting = new Map<string, () => void>();

  async start(): Promise<void> {
    this.#server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        this.#look(chunks);
        response.end(ANSWERS[request.url ?? ""]);
      });
    });
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Waits for a text to arrive; no format it is sent in changes a text. @returns whether it came in time */
  async receives(text: string, milliseconds: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const came = await new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), milliseconds);
      this.#waiting.set(text, () => resolve(true));
    });
    clearTimeout(timer);
    this.#waiting.delete(text);
    return came;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #look(chunks: readonly Buffer[]): void {
    if (this.#waiting.size === 0) return;
    const body = Buffer.concat(chunks);
    for (const [text, found] of this.#waiting) if (body.includes(text)) found();
  }
}
