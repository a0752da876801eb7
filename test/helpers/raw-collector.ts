import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** Function that writes to a connection after a complete request has arrived. */
export type RawAnswer = (socket: Socket, request: string) => void;

/** Collector that responds with arbitrary bytes. */
export class RawCollector {
  readonly requests: string[] = [];
  /** Number of connections so far. */
  connections = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(answer: RawAnswer) {
    this.#server = createServer((socket) => {
      this.connections++;
      this.#sockets.add(socket);
      let text = "";
      socket.on("error", () => {});
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("data", (chunk) => {
        text += chunk.toString("latin1");
        const head = text.indexOf("\r\n\r\n");
        const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
        if (head === -1 || text.length < head + 4 + length) return;
        this.requests.push(text);
        answer(socket, text);
        text = "";
      });
    });
  }

  /** Tells whether a connection is open. */
  get isConnected(): boolean {
    return this.#sockets.size > 0;
  }

  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await new Promise((resolve) => this.#server.once("listening", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
