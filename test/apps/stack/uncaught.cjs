"use strict";
// An error that nobody handles, thrown where Node.js calls the application with a message of HTTP.
const http = require("node:http");
const [, , where] = process.argv;

function deep(levels) {
  if (levels === 0) throw new Error("deep");
  deep(levels - 1);
}

const WAYS = {
  handler: () => {
    throw new Error("handler");
  },
  // The stacks of these have no room for another frame.
  deep: () => deep(4),
  data: (request) => request.on("data", () => deep(3)),
  body: (request) => {
    request.on("end", () => {
      throw new Error("body");
    });
    request.resume();
  },
  connection: () => http.get({ host: "127.0.0.1", port: 1 }),
  listener: (request, response) => {
    process.on("uncaughtException", ({ stack }) => {
      process.stdout.write(`${stack}\n`, () => process.exit(3));
    });
    response.on("finish", () => {
      throw new Error("finish");
    });
    response.end();
  },
};

const server = http.createServer((request, response) => WAYS[where](request, response));
server.listen(0, "127.0.0.1", () =>
  http.request({ port: server.address().port, method: "POST" }, (response) => response.resume()).end("text"),
);
