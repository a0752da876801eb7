/** A dictionary over HTTP: `service.ts DATABASE [PORT]`. A new database is filled from WordNet first. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fill, isFilled, openDatabase } from "./service/database.ts";
import { Dictionary } from "./service/dictionary.ts";
import { serve } from "./service/http.ts";
import { Importer } from "./service/importer.ts";
import { createRoutes, explainBusy } from "./service/routes.ts";
import { readSynsets } from "./wordnet.ts";

const [path = "dictionary.db", port = "0"] = process.argv.slice(2);

const db = openDatabase(path);
if (!isFilled(db)) console.log(`loaded ${await fill(db, readSynsets())} entries`);
const importing = openDatabase(path);

const server = createServer(serve(createRoutes(new Dictionary(db), new Importer(importing)), explainBusy));
server.listen(Number(port), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

/** Milliseconds for the requests that are being answered; a connection that is kept alive waits for longer. */
const GRACE = 500;

function stop(): void {
  server.close(() => {
    importing.close();
    db.close();
  });
  setTimeout(() => server.closeAllConnections(), GRACE).unref();
}
process.once("SIGTERM", stop).once("SIGINT", stop);
