import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Where the dictionary is exported to: takes its time for each batch. */
export class Mirror {
  readonly #server: Server;

  /** @param pause milliseconds for a batch */
  constructor(pause: number) {
    this.#server = createServer((request, response) => {
      request.resume().on("end", () => setTimeout(() => response.end(), pause));
    });
  }

  /** @returns its address */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
