/** Service over Tidepool: `app.ts [FOLDER] [--port PORT] [--demo]`. With `--demo` it sends requests to itself, on small data. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { use } from "./demo.ts";
import { Tidepool } from "./engine.ts";
import { serve } from "./routes.ts";

/** So small that some seconds of use reach level 2, and that writes wait for the background. */
const SMALL = {
  memtableBytes: 32 << 10,
  tableBytes: 64 << 10,
  level1Bytes: 256 << 10,
  stallLevel0Files: 6,
  stallMemtables: 1,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { port: { type: "string", default: "0" }, demo: { type: "boolean", default: false } },
});

const db = await Tidepool.open(positionals[0] ?? "reef", values.demo ? SMALL : {});
const server = createServer(serve(db));
const stopping = new AbortController();

server.listen(Number(values.port), "127.0.0.1", () => {
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  console.log(`listening on ${address}`);
  if (values.demo) void use(address, stopping.signal);
});

function stop(): void {
  stopping.abort();
  server.close(() => void db.close());
  server.closeAllConnections();
}
process.once("SIGTERM", stop).once("SIGINT", stop);
