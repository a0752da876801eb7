"use strict";
// Serves one request, and has nothing to do any more.
const { createServer, get } = require("node:http");

const server = createServer((_, response) => response.end("hello"));
server.listen(0, "127.0.0.1", () => {
  get({ host: "127.0.0.1", port: server.address().port, agent: false }, (response) => {
    response.resume().on("end", () => server.close(finished));
  });
});

/** Tells when; the clock is one for all processes. */
function finished() {
  process.send(String(process.hrtime.bigint()), () => process.disconnect());
}
