/** Requests of `node:http` that end, are addressed or carry headers in all the ways there are; the path names each. */
import { once } from "node:events";
import http, { createServer, request } from "node:http";
import { createServer as createSocketServer } from "node:net";

const OWN = "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01";
const listen = async (server, host = "127.0.0.1") => {
  await once(server.listen(0, host), "listening");
  return server.address().port;
};

const received = {};
const server = createServer((incoming, response) => {
  const { traceparent, tracestate, baggage } = incoming.headers;
  received[incoming.url] = { traceparent, tracestate, baggage };
  if (incoming.url === "/reset-late") {
    response.writeHead(200).write("begun", () => incoming.socket.resetAndDestroy());
  } else if (/^\/(gone|signal|timeout|abort|late|reason)/.test(incoming.url)) {
    if (!incoming.url.endsWith("-begun")) return;
    const timer = setInterval(() => response.write("more"), 10);
    response.on("close", () => clearInterval(timer));
  } else response.end("hello");
});
server.on("connect", (_, socket) => socket.end("HTTP/1.1 200 OK\r\n\r\n"));
const port = await listen(server);
const ipv6 = createServer((_, response) => response.end("six"));
const ipv6Port = await listen(ipv6, "::1");
const hangUp = createSocketServer((socket) => socket.on("error", () => {}).once("data", () => socket.destroy()));
const hangUpPort = await listen(hangUp);

/** Sends a request and waits until it is over; an action is taken once the response has begun, or the request was sent. */
async function send(options, act = () => {}) {
  const call = request({ host: "127.0.0.1", port, agent: false, ...options });
  const isBegun = /-begun$|-late$/.test(options.path);
  call.on("error", () => {});
  call.on("connect", (_, socket) => socket.destroy());
  call.on("response", (response) => {
    response.on("error", () => {}).once("data", () => isBegun && act(call, response));
    if (!isBegun) response.resume();
  });
  call.end();
  const closed = new Promise((resolve) => call.on("close", resolve));
  if (!isBegun) setTimeout(() => act(call), 50);
  await closed;
  await new Promise((resolve) => setTimeout(resolve, 5));
}

// The caller gives up.
for (const path of ["/gone", "/gone-begun"]) await send({ path }, (call) => call.destroy());
for (const path of ["/abort", "/abort-begun"]) await send({ path }, (call) => call.abort());
for (const path of ["/signal", "/signal-begun"]) {
  const controller = new AbortController();
  await send({ path, signal: controller.signal }, () => controller.abort(new Error("enough")));
}
await send({ path: "/gone-response-begun" }, (_, response) => response.destroy());
await send({ path: "/gone-loop-begun" }, async (_, response) => {
  for await (const chunk of response) if (chunk) break;
});
// It fails.
for (const path of ["/reason", "/reason-begun"]) await send({ path }, (call) => call.destroy(new RangeError("own")));
for (const path of ["/timeout", "/timeout-begun"]) await send({ path, signal: AbortSignal.timeout(80) });
await send({ path: "/late", timeout: 20 }, (call) => call.destroy());
await send({ path: "/hung-up", port: hangUpPort });
await send({ path: "/reset-late" });

// Where it goes.
const target = (path, options = {}) => send({ path, ...options });
await target("http://user:secret@shop.test/proxied?id=7&sig=secret#part");
await target("https://[2001:db8::7]:8443/proxied-six?a=%20b&=&c");
await target("//double/slash?q=1");
await target("*", { method: "OPTIONS" });
await target("other.test:443", { method: "CONNECT" });
await target("no-slash");
await target("http:///nowhere");
await target("/six", { host: "::1", port: ipv6Port });
await target("/broken-host", { headers: { host: "a:b:c@@/::" } });
await new Promise((resolve) => {
  request(new URL(`http://[::1]:${ipv6Port}/six-url`), { agent: false }, (response) =>
    response.resume().on("end", resolve),
  ).end();
});

// An own trace in all forms of headers.
const pair = { traceparent: OWN, tracestate: "own=1", baggage: "own=2" };
const own = (path, headers, options) => send({ path, headers, ...options });
await own("/own/object", Object.freeze({ ...pair }));
await own("/own/upper", { Traceparent: OWN, TRACESTATE: "own=1", Baggage: "own=2" });
await own("/own/null-prototype", Object.assign(Object.create(null), pair));
await own("/own/array", Object.entries(pair));
await own("/own/flat", ["host", "a", ...Object.entries(pair).flat()]);
await own("/own/expect", { ...pair, expect: "100-continue" });
let read = 0;
await own("/own/getter", {
  ...pair,
  get traceparent() {
    read++;
    return OWN;
  },
  [Symbol("own")]: "x",
});
const later = request({ host: "127.0.0.1", port, path: "/own/later", agent: false });
for (const [name, value] of Object.entries(pair)) later.setHeader(name, value);
later.end();
later.on("response", (response) => response.resume());
await once(later, "close");
const mine = Object.freeze([Object.freeze(["host", "a"])]);
await own("/not-own/frozen", mine);

console.log(JSON.stringify({ port, received, read, mine }));
for (const each of [server, ipv6, hangUp]) each.close();
http.globalAgent.destroy();
server.closeAllConnections();
