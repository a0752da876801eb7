import { createServer, type AddressInfo } from "node:net";

/** A port of loopback that nobody listens on: the one that is wished for, or any. */
export async function freePort(wish = 0): Promise<number> {
  return (await tryPort(wish)) ?? (await tryPort(0))!;
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const { port: found } = server.address() as AddressInfo;
      server.close(() => resolve(found));
    });
  });
}
