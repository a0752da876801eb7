import { createServer, request, type IncomingMessage, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";

/** Proxy of HTTP and of tunnels. */
export class Proxy {
  /** Received requests: method, target and headers. */
  readonly asked: { method: string; target: string; headers: IncomingMessage["headers"] }[] = [];
  readonly #server: Server = createServer((incoming, response) => {
    this.#note(incoming);
    const { method, headers } = incoming;
    const forwarded = request(incoming.url!, { method: method!, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(forwarded);
  });

  /** @param refusal the status with which tunnels are refused */
  constructor(refusal?: string) {
    this.#server.on("connect", (incoming, client) => {
      this.#note(incoming);
      if (refusal !== undefined) return void client.end(`HTTP/1.1 ${refusal}\r\n\r\n`);
      const [, host, port] = /^(.*):(\d+)$/.exec(incoming.url!)!;
      const there = connect(Number(port), host, () => {
        client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        there.pipe(client);
        client.pipe(there);
      });
      for (const [socket, other] of [
        [there, client],
        [client, there],
      ] as const)
        socket.on("error", () => {}).on("close", () => other.destroy());
    });
  }

  #note({ method, url, headers }: IncomingMessage): void {
    this.asked.push({ method: method!, target: url!, headers });
  }

  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await new Promise((resolve) => this.#server.once("listening", resolve));
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
