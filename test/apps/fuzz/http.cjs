// Random bytes for an HTTP server that does all kinds of things; both sides write down what they see.
"use strict";
const { AsyncLocalStorage } = require("node:async_hooks");
const http = require("node:http");
const net = require("node:net");
const { inspect } = require("node:util");
const { runSeeds } = require("./lib.cjs");

const storage = new AsyncLocalStorage();
let log = () => {};
let answer;

const throwing = (act) => {
  try {
    act();
  } catch (error) {
    log(`server throws ${error.code}`);
  }
};

/** How a request is answered. */
const ANSWERS = [
  (_, response) => response.end("ok"),
  (_, response) => response.end("a").end("b"),
  (_, response) => {
    response.writeHead(200, { x: "y" }).write("part");
    setImmediate(() => response.end("rest"));
  },
  (_, response) => response.writeHead(200, ["a", "1", "a", "2"]).end(),
  (_, response) => {
    response.write("x");
    response.destroy();
  },
  (request) => request.destroy(),
  (_, response) => response.socket.destroy(),
  (_, response) => {
    response.writeEarlyHints({ link: "</a>; rel=preload" });
    response.end("hints");
  },
  (_, response) => {
    response.setHeader("Trailer", "x-t").write("t");
    response.addTrailers({ "x-t": "1" });
    response.end();
  },
  (_, response) => {
    throwing(() => response.setHeader("bad\n", "x"));
    throwing(() => response.writeHead(99));
    response.end();
  },
  (_, response) => {
    response.statusCode = 304;
    response.end("no body");
  },
  (_, response) => {
    response.writeContinue();
    response.writeProcessing();
    response.end("continued");
  },
  (request, response) => request.resume().on("end", () => response.end(inspect(request.trailers))),
  (request, response) => request.pipe(response),
  (_, response) => response.end("z".repeat(70_000)),
  (_, response) => {
    response.on("close", () => log(`server closed ${response.writableFinished}`));
    response.on("finish", () => log("server finished"));
    response.end("events", () => log("server called back"));
  },
  (request, response) => {
    response.detachSocket(response.socket);
    request.socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ntaken over");
  },
  async (request, response) => {
    let length = 0;
    for await (const chunk of request) length += chunk.length;
    response.end(String(length));
  },
  (_, response) => {
    response.on("error", ({ code }) => log(`server error ${code}`));
    response.end();
    response.write("after the end");
  },
  (_, response) => {
    const id = {};
    storage.run(id, () => setImmediate(() => response.end(String(storage.getStore() === id))));
  },
  (_, response) => {
    response.strictContentLength = true;
    response.setHeader("content-length", 5);
    throwing(() => response.write("too long"));
    response.end();
  },
];

const long = (chance) => chance.one(["", "x".repeat(9_000), "a=b;".repeat(3_000), ";,=\"'%".repeat(2_000)]);

const headerOf = (chance) =>
  chance.one([
    ...["Content-Length: 5", "Content-Length: 3", "Content-Length: -1", "Content-Length: 5, 5", "Host: y\r\nHost: z"],
    ...["Transfer-Encoding: chunked", "Transfer-Encoding: identity", "Transfer-Encoding : chunked", "Accept: */*"],
    ...["Connection: close", "Connection: keep-alive", "Connection: Upgrade\r\nUpgrade: websocket", "Upgrade: h2c"],
    ...["Expect: 100-continue", "Expect: 200-ok", "X: a\r\n b", "X\u0000: a", "__proto__: 1", "constructor: x"],
    "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    `traceparent: ff-${long(chance)}`,
    "traceparent: \u00ff\u0001",
    `tracestate: a=${long(chance)}`,
    `baggage: a=%E0%A4%A;b,,,=;${long(chance)}`,
    `x-correlation-id: ${long(chance)}`,
    "x-correlation-id: a\tb",
    "x-request-id: \u00e4\u00f6",
    'forwarded: for="[::1]";host=a;proto=http',
    `forwarded: ${long(chance)}`,
    `x-forwarded-for: ${chance.one(["1.2.3.4, 5", "[::1]:80", "unknown", "\u00ff"])}`,
    "x-forwarded-host: h\r\nx-forwarded-proto: constructor",
    `User-Agent: ${long(chance)}`,
  ]);

const METHODS = ["GET", "GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "TRACE", "QUERY", "FOO", "get", "PRI"];
const TARGETS = [
  ...["/", "/a?b=c", "/a?sig=secret&Signature=x", "*", "http://evil/x", "//evil//", "/%ff%00", "/\u00e9", "/a#frag"],
  ...["a.b:443", "", "/..//../etc/passwd", `/${"a".repeat(9_000)}`, `/?${"a=b&".repeat(2_000)}`],
];
const BODIES = [
  ...["", "", "hello", "3\r\nabc\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\nX-Y: t\r\n\r\n", "zz\r\n"],
  "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: s\r\n\r\n",
];

function requestOf(chance) {
  const headers = chance.several(5, () => `${headerOf(chance)}\r\n`).join("");
  const host = chance.is(0.8) ? "Host: 127.0.0.1\r\n" : "";
  const version = chance.one(["1.1", "1.1", "1.1", "1.0", "2.0", "0.9"]);
  return `${chance.one(METHODS)} ${chance.one(TARGETS)} HTTP/${version}\r\n${headers}${host}\r\n${chance.one(BODIES)}`;
}

const counts = (emitter, names) => names.map((name) => emitter.listenerCount(name)).join();

const server = http.createServer({ requestTimeout: 2_000, maxHeaderSize: 80_000 }, (request, response) => {
  const listeners = `${counts(request, ["data", "end", "close", "error"])} ${counts(response, ["finish", "close", "error"])}`;
  const own = `${Reflect.ownKeys(request).length} ${Reflect.ownKeys(response).length}`;
  log(
    `server ${request.method} ${request.url} ${inspect(request.rawHeaders)} ${request.httpVersion} ${listeners} ${own}`,
  );
  for (const each of [request, response]) each.on("error", ({ code }) => log(`server error ${code}`));
  throwing(() => void answer(request, response)?.catch?.(({ code }) => log(`server rejects ${code}`)));
});
server.keepAliveTimeout = 50;
server.on("clientError", ({ code }, socket) => {
  log(`server refuses ${code}`);
  if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
});
process.on("uncaughtException", ({ code }) => log(`server uncaught ${code}`));

/** Sends a text as it is, and waits for all that is answered. */
function exchange(port, text) {
  return new Promise((resolve) => {
    let answered = "";
    const socket = net.connect(port, "127.0.0.1", () => socket.end(text, "latin1"));
    socket.setEncoding("latin1").on("data", (chunk) => (answered += chunk));
    socket.on("error", ({ code }) => (answered += code));
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on("close", () => resolve(answered.replace(/Date: [^\r]*/gi, "")));
  });
}

async function run(chance, write) {
  // Both sides are in one thread, and the order of what each of them sees is its own.
  const seen = { server: [], client: [] };
  log = (event) => seen.server.push(event);
  answer = chance.one(ANSWERS);
  const text = Array.from({ length: chance.below(3) + 1 }, () => requestOf(chance)).join("");
  seen.client.push(await exchange(server.address().port, text));
  await new Promise((resolve) => setImmediate(resolve));
  for (const event of seen.server.toSorted((a, b) => (a < b ? -1 : 1))) write(event);
  for (const event of seen.client) write(event);
}

server.listen(0, "127.0.0.1", async () => {
  await runSeeds(run);
  server.close();
  server.closeAllConnections();
});
