import { createServer, type AddressInfo } from "node:net";

/** Where metrics are looked for by default. */
export const DEFAULT_PORT = 9464;

/** Returns the port that is wanted, or a free one if another program uses it. */
export async function metricsPort(wanted: number): Promise<number> {
  return (await tryPort(wanted)) ?? (await tryPort(0))!;
}

async function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const { port: found } = server.address() as AddressInfo;
      server.close(() => resolve(found));
    });
  });
}
