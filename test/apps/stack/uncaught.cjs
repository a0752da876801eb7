"use strict";
// An error that nobody handles, thrown where Node.js calls the application with a message of HTTP.
const http = require("node:http");
const [, , where] = process.argv;

const WAYS = {
  handler: () => {
    throw new Error("handler");
  },
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
server.listen(0, "127.0.0.1", () => http.get({ port: server.address().port }, (response) => response.resume()));
