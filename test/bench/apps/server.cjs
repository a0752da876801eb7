"use strict";
// Answers every request alike, and tells its parent what it has used when asked.
const { createServer } = require("node:http");

const server = createServer((_, response) => response.end("hello"));
// A connection waits while the others have their turn.
server.keepAliveTimeout = 0;
server.listen(0, "127.0.0.1", () => process.send(server.address().port));
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send({ microseconds: user + system, bytes: process.memoryUsage.rss() });
});
process.on("disconnect", () => process.exit());
