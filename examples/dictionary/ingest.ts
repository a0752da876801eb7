/**
 * Counts where words are seen, over HTTP: `ingest.ts FOLDER [PORT]`. Each sighting goes to LevelDB, the totals by word to
 * LMDB, and what is asked for is cached.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createRoutes } from "./ingest/routes.ts";
import { Sightings } from "./ingest/sightings.ts";
import { Totals } from "./ingest/totals.ts";
import { serve } from "./service/http.ts";

const [folder = "ingest", port = "0"] = process.argv.slice(2);

const sightings = new Sightings(join(folder, "sightings"));
const totals = new Totals(join(folder, "totals"));

const server = createServer(serve(createRoutes(sightings, totals)));
server.listen(Number(port), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

/** Milliseconds for the requests that are being answered; a connection that is kept alive waits for longer. */
const GRACE = 500;

function stop(): void {
  server.close(() => void Promise.all([sightings.close(), totals.close()]));
  setTimeout(() => server.closeAllConnections(), GRACE).unref();
}
process.once("SIGTERM", stop).once("SIGINT", stop);
