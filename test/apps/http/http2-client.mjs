/**
 * Requests by sessions of HTTP/2 that end, are addressed or carry headers in all the ways there are; the path names each.
 * Prints how each ended for the application, and which headers arrived.
 */
import { once } from "node:events";
import http2 from "node:http2";
import { connect as connectSocket, createServer as createSocketServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const OWN = "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01";
const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_REFUSED_STREAM } = http2.constants;
const outcomes = {};
const received = {};
const uncaught = Promise.withResolvers();
process.on("uncaughtException", (error) => {
  outcomes.uncaught = error.code;
  uncaught.resolve();
});

const server = http2.createServer();
const sessions = new Set();
server.on("sessionError", () => {});
server.on("session", (session) => sessions.add(session.on("error", () => {})));
const answer = (stream, text = "hello", headers = {}) => {
  stream.respond(headers);
  stream.end(text);
};
const begin = (stream, begun) => {
  stream.respond();
  stream.write("abc", begun);
};
const never = () => {};
const endless = (stream) => {
  begin(stream);
  const timer = setInterval(() => stream.write("more"), 5);
  stream.on("close", () => clearInterval(timer));
};
/** What the server does for a path, or for all that begin like it. */
const actions = {
  "/missing": (stream) => stream.respond({ ":status": 404 }, { endStream: true }),
  "/broken": (stream) => answer(stream, "no", { ":status": 500 }),
  "/refused": (stream) => stream.close(NGHTTP2_REFUSED_STREAM),
  "/lost": (stream) => stream.session.socket.destroySoon(),
  "/cut": (stream) => begin(stream, () => stream.session.destroy()),
  "/goaway": (stream) => stream.session.goaway(NGHTTP2_INTERNAL_ERROR),
  "/leave": (stream) => {
    stream.session.close();
    answer(stream);
  },
  "/early": (stream) => {
    stream.additionalHeaders({ ":status": 103, link: "</a>" });
    answer(stream);
  },
  "/push": (stream) => {
    stream.pushStream({ ":path": "/pushed" }, (_, pushed) => answer(pushed));
    answer(stream);
  },
  "/trailers": (stream) => {
    stream.respond({}, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ sum: "1" })).end("hello");
  },
  "/never": never,
  "/endless": endless,
};
server.on("stream", (stream, headers) => {
  stream.on("error", () => {});
  const [path] = headers[":path"].split("?");
  received[path] = { ...headers, ":authority": undefined };
  const action = actions[/^\/[^-]*/.exec(path)[0]];
  if (action === undefined) stream.resume().on("end", () => answer(stream));
  else action(stream);
});
await once(server.listen(0, "127.0.0.1"), "listening");
const origin = `http://127.0.0.1:${server.address().port}`;

function open(base = origin, options = {}) {
  const session = http2.connect(base, options);
  sessions.add(session.on("error", () => {}));
  session.on("stream", (pushed) => pushed.resume());
  return session;
}

/** Runs a request to its end, and keeps how it ended; an action is taken at once, or when there are data. */
async function run(path, { session = open(), headers = {}, options, body, act, begun } = {}) {
  const events = [];
  outcomes[path] = events;
  let stream;
  try {
    stream = session.request(Array.isArray(headers) ? headers : { ":path": path, ...headers }, options);
  } catch (error) {
    return void events.push("thrown", error.code);
  }
  const closed = new Promise((resolve) => stream.on("close", resolve));
  for (const event of ["response", "end", "aborted", "timeout", "close", "push", "trailers"])
    stream.on(event, (...args) => events.push(event, event === "response" ? args[0][":status"] : stream.rstCode));
  stream.on("error", (error) => events.push(error.name, error.code, error.cause?.code));
  stream.on("data", () => begun?.(stream, session));
  stream.end(body);
  if (act !== undefined) setTimeout(() => act(stream, session), 40);
  await closed;
  await wait(5);
  if (!path.startsWith("/keep")) session.destroy();
}

// Answered.
const shared = open();
for (const path of ["/keep?a=1&b=%20two&sig=secret", "/keep/2"]) await run(path, { session: shared });
for (const path of ["/missing", "/broken", "/early", "/push", "/trailers", "/leave"]) await run(path);
await run("/put", { headers: { ":method": "PUT", "user-agent": "mine/1" }, body: "text" });
await run("/head", { headers: { ":method": "HEAD" } });
// Not answered.
for (const path of ["/refused", "/lost", "/cut", "/goaway"]) await run(path);
await run("/no-server", { session: open("http://127.0.0.1:1") });
const hangUp = createSocketServer((socket) => socket.on("error", () => {}).destroy());
await once(hangUp.listen(0, "127.0.0.1"), "listening");
await run("/hang-up", { session: open(`http://127.0.0.1:${hangUp.address().port}`) });
const closing = open();
closing.destroy();
await run("/after", { session: closing });
await run("/invalid", { headers: { ":own": "1" } });
// Given up.
await run("/never-close", { act: (stream) => stream.close(NGHTTP2_CANCEL) });
await run("/never-destroy", { act: (stream) => stream.destroy() });
await run("/never-session", { act: (_, session) => session.destroy() });
const pending = open();
const ended = run("/never-pending", { session: pending });
pending.destroy();
await ended;
await run("/never-own", { act: (stream) => stream.destroy(new RangeError("own")) });
await run("/never-code", { act: (stream) => stream.close(NGHTTP2_INTERNAL_ERROR) });
await run("/never-late", { act: (stream) => stream.setTimeout(10, () => stream.close(NGHTTP2_CANCEL)) });
await run("/endless-close", { begun: (stream) => stream.close(NGHTTP2_CANCEL) });
await run("/endless-destroy", { begun: (stream) => stream.destroy() });
const controller = new AbortController();
await run("/never-signal", { options: { signal: controller.signal }, act: () => controller.abort() });
await run("/never-aborted", { options: { signal: AbortSignal.abort() } });
await run("/never-time", { options: { signal: AbortSignal.timeout(30) } });
// Addressed.
await run("/authority", { headers: { ":authority": "shop.example:8", ":scheme": "https" } });
await run("/own-socket", {
  session: open(origin, { createConnection: () => connectSocket(server.address().port, "127.0.0.1") }),
});
// With headers.
const passed = Object.freeze({ ":path": "/frozen", Secret: "s", [http2.sensitiveHeaders]: ["secret"] });
const frozen = open();
outcomes.sensitive = await new Promise((resolve) => {
  const stream = frozen.request(passed);
  stream.resume().on("close", () => resolve(stream.sentHeaders[http2.sensitiveHeaders]));
});
frozen.destroy();
await run("/traced", { headers: { TraceParent: OWN } });
await run("/hostile", { headers: { baggage: "a=%0A,constructor=1,__proto__=2", __proto__: null, constructor: "x" } });
if (Number(process.versions.node.split(".")[0]) >= 24) await run("/array", { headers: [":path", "/array", "a", "b"] });
// An error that is not listened for is the application's.
const alone = open();
alone.request({ ":path": "/refused?alone" });
await uncaught.promise;
alone.destroy();

for (const session of sessions) session.destroy();
server.close();
hangUp.close();
const sent = Object.entries(received);
const without = (headers) =>
  Object.entries(headers).filter(([name]) => !["traceparent", "tracestate", "x-correlation-id"].includes(name));
console.log(
  JSON.stringify({ outcomes, received: sent.map(([path, headers]) => [path, without(headers)]) }, undefined, 1),
);
console.error(JSON.stringify(Object.fromEntries(sent.map(([path, { traceparent }]) => [path, traceparent]))));
