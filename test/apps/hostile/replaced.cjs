"use strict";
// Says each time that something it has replaced is called; it calls one of each itself.
const http = require("node:http");
const { DatabaseSync } = require("node:sqlite");
const fs = require("node:fs");

const say = (what) => fs.writeSync(1, `${what}\n`);

for (const [holder, name] of [
  [http, "request"],
  [process, "kill"],
  [Error, "captureStackTrace"],
]) {
  const original = holder[name];
  holder[name] = function replaced(...args) {
    say(name);
    return Reflect.apply(original, this, args);
  };
}

const db = new DatabaseSync(":memory:");
try {
  db.exec("no statement");
} catch ({ stack }) {
  say(stack.split("\n").length);
}

const server = http.createServer((_, response) => response.end());
server.listen(0, "127.0.0.1", () => {
  http
    .request({ port: server.address().port, agent: false }, (response) => {
      response.resume().on("end", () => setTimeout(() => process.kill(process.pid, "SIGTERM"), 200));
    })
    .end();
});
