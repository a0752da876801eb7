/** A measured server: answers every request alike, and tells its parent what processor time it has used when asked. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const server = createServer((_, response) => response.end("hello"));
// A connection waits while the others have their turn.
server.keepAliveTimeout = 0;
server.listen(0, "127.0.0.1", () => process.send!((server.address() as AddressInfo).port));
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send!(user + system);
});
process.on("disconnect", () => process.exit());
