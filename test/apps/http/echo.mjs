/** Answers with the headers that a request to itself, which it makes by `fetch` meanwhile, comes with. */
import { createServer } from "node:http";

const server = createServer(async (incoming, response) => {
  if (incoming.url === "/inner") response.end(JSON.stringify(incoming.headers));
  else response.end(await (await fetch(`http://127.0.0.1:${server.address().port}/inner`)).text());
});
server.listen(0, "127.0.0.1", () => console.log(`serves http://127.0.0.1:${server.address().port}/`));
process.on("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
  process.exitCode = 0;
  setTimeout(() => process.exit(), 2000).unref();
});
