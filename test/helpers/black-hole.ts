import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** Collector that accepts connections and never responds. */
export class BlackHole {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server = createServer((socket) => this.#sockets.add(socket.on("error", () => {})));

  async start(port = 0): Promise<void> {
    this.#server.listen(port, "127.0.0.1");
    await new Promise((resolve) => this.#server.once("listening", resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Program that listens and never accepts: the kernel accepts only a few connections for it. */
const DEAF = `
const server = require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
  require("node:fs").writeSync(1, String(server.address().port));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
`;

/** Starts a Collector behind a network that drops packets: no connection is established, and none is refused. */
export async function unconnectable(): Promise<{ url: string; close: () => void }> {
  const deaf = spawn(process.execPath, ["-e", DEAF]);
  const [port] = (await once(deaf.stdout, "data")) as [Buffer];
  const sockets = Array.from({ length: 8 }, () => connect(Number(port), "127.0.0.1").on("error", () => {}));
  await once(sockets[0]!, "connect");
  return {
    url: `http://127.0.0.1:${String(port)}`,
    close() {
      for (const socket of sockets) socket.destroy();
      deaf.kill("SIGKILL");
    },
  };
}
