import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below those that the system gives to outgoing connections: one of these could be taken before somebody listens. */
const LOWEST = 10_000;
const HIGHEST = 32_767;

/** A port of loopback that nobody listens on: the one that is wished for, or any. */
export async function freePort(wish?: number): Promise<number> {
  for (let port = wish ?? randomPort(); ; port = randomPort()) if (await isFree(port)) return port;
}

const randomPort = (): number => randomInt(LOWEST, HIGHEST);

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
