/**
 * Requests of every kind, in and out, one after the other. The path of each names it, so that its spans can be found.
 * Run as an application of its own: `http-traffic.ts`.
 */
import { channel } from "node:diagnostics_channel";
import { once } from "node:events";
import http, {
  createServer,
  get,
  request,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { connect, createServer as createSocketServer, type AddressInfo, type Server, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { context, propagation, trace } from "@opentelemetry/api";
import { getRPCMetadata } from "@opentelemetry/core";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CALLER = "b7ad6b7169203331";

const activeSpanId = (): string | undefined => trace.getSpan(context.active())?.spanContext().spanId;

/** Handlers of the application, by path. */
const routes: Record<string, (incoming: IncomingMessage, response: ServerResponse) => void> = {
  "/redirect": (_, response) => response.writeHead(302, { location: "/" }).end(),
  "/missing": (_, response) => response.writeHead(404).end("no"),
  "/teapot": (_, response) => response.writeHead(418).end(),
  "/broken": (_, response) => response.writeHead(500).end("oh"),
  "/unavailable": (_, response) => response.writeHead(503).end(),
  "/empty": (_, response) => response.writeHead(204).end(),
  "/chunked": (_, response) => {
    response.write("a");
    setImmediate(() => response.end("b"));
  },
  "/slow": () => {},
  "/cut": (_, response) => {
    response.writeHead(200, { "content-length": 10 });
    response.write("abc", () => response.destroy());
  },
  "/reset": (incoming) => incoming.socket.resetAndDestroy(),
  "/half": (_, response) => void response.write("half"),
  "/routed": (_, response) => {
    getRPCMetadata(context.active())!.route = "/routed/:id";
    response.end();
  },
  "/express": (incoming, response) => {
    Object.assign(incoming, { route: { path: "/express/:id" }, baseUrl: "" });
    response.end();
  },
  "/fastify": (incoming, response) => {
    channel("tracing:fastify.request.handler:start").publish({
      request: { raw: incoming },
      route: { url: "/fastify/:id", method: "GET" },
    });
    response.end();
  },
  "/mounted": (incoming, response) => {
    Object.assign(incoming, { route: { path: "/:id" }, baseUrl: "/tenant-7" });
    response.end();
  },
  "/throws": () => {
    throw new RangeError("thrown by a listener");
  },
  "/late-write": (_, response) => {
    response.end("done");
    response.on("error", () => {});
    response.write("more");
  },
  "/body": (incoming, response) => {
    const before = activeSpanId();
    let length = 0;
    incoming.on("data", (chunk: Buffer) => (length += chunk.length));
    incoming.on("end", () => {
      // A body arrives in the context of the connection; its listeners are in that of the request.
      trace
        .getTracer("app")
        .startSpan(`in body ${before === activeSpanId()}`)
        .end();
      response.end(String(length));
    });
  },
  "/finish": (_, response) => {
    const before = activeSpanId();
    response.on("finish", () =>
      trace
        .getTracer("app")
        .startSpan(`in finish ${before === activeSpanId()}`)
        .end(),
    );
    response.end();
  },
  "/baggage": (_, response) => response.end(String(propagation.getActiveBaggage()?.getEntry("tenant")?.value)),
  "/echo": (incoming, response) => response.end(JSON.stringify(incoming.rawHeaders)),
};

const server = createServer((incoming, response) => {
  const path = incoming.url!.split("?", 1)[0]!.replace(/^http:\/\/[^/]*/, "");
  const answer = routes[path];
  if (answer === undefined) response.end("hello");
  else answer(incoming, response);
});
server.on("upgrade", (_, socket: Socket) => {
  socket.end("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\nhi");
});
const continued = createServer((_, response) => response.end("continued"));
continued.on("checkContinue", (incoming: IncomingMessage, response: ServerResponse) => {
  response.writeContinue();
  continued.emit("request", incoming, response);
});

/** Servers with invalid HTTP, by their response to a connection. */
const socketServers = {
  nonsense: (socket: Socket) => socket.end("this is no HTTP\r\n\r\n"),
  hangUp: (socket: Socket) => socket.end(),
  broken: (socket: Socket) => socket.resetAndDestroy(),
  truncated: (socket: Socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"),
  old: (socket: Socket) => socket.end("HTTP/1.0 200 OK\r\n\r\nold"),
};

async function listen(listener: Server): Promise<number> {
  await once(listener.listen(0, "127.0.0.1"), "listening");
  return (listener.address() as AddressInfo).port;
}

/** Waits until a request is over, with or without an error, and reads its response to the end. */
function over(call: ClientRequest): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    call.on("response", (response: IncomingMessage) => {
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("error", () => {});
    });
    call.on("upgrade", (_, socket: Socket) => socket.destroy());
    call.on("error", () => {});
    call.on("close", () => setTimeout(() => resolve(text), 5));
  });
}

const send = (call: ClientRequest, body?: string): Promise<string> => over(call.end(body));

/** Sends bytes that an HTTP client would not send, and reads until the server ends or a timeout expires. */
async function raw(port: number, text: string, leaveAfter = 100): Promise<string> {
  const socket = connect(port, "127.0.0.1").setEncoding("utf8");
  socket.on("error", () => {});
  let answer = "";
  socket.on("data", (chunk: string) => (answer += chunk));
  socket.write(text);
  await Promise.race([once(socket, "end"), wait(leaveAfter)]);
  socket.destroy();
  await wait(20);
  return answer;
}

process.on("uncaughtException", () => {});

const port = await listen(server);
const continuedPort = await listen(continued);
const base = { host: "127.0.0.1", port };
const url = `http://127.0.0.1:${port}`;
const bare = (path: string, headers: Record<string, string> = {}): string =>
  [`GET ${path} HTTP/1.1`, "host: localhost", ...Object.entries(headers).map(([k, v]) => `${k}: ${v}`), "", ""].join(
    "\r\n",
  );

// Methods, and forms of calling.
await send(request({ ...base, path: "/options" }));
await send(request(`${url}/string?a=1&b=two%20words`));
await send(request(new URL(`${url}/url?sig=SECRET&x=1`)));
await send(request(`${url}/overridden`, { method: "PUT", headers: { "user-agent": "me/1" } }), "body");
await over(get(`${url}/get`, (response) => response.resume()));
await over(http.get({ ...base, path: "/get-options" }));
await over(get(`${url}/get-unread`));
await send(request({ ...base, path: "/head", method: "HEAD" }));
await send(request({ ...base, path: "/post", method: "POST" }), "body");
await send(request({ ...base, path: "/lower", method: "post" }), "body");
await send(request({ ...base, path: "/delete", method: "DELETE" }));
await send(request({ ...base, path: "/purge", method: "PURGE" }));
await send(request({ ...base, path: "/headers-array", headers: ["host", "localhost", "x-a", "1"] as never }));
await send(request({ ...base, path: "/host-header", headers: { host: "shop.example:99" } }));
await send(request(`http://user:pass@127.0.0.1:${port}/userinfo`));
const later = request({ ...base, path: "/set-header" });
later.setHeader("x-late", "1");
await send(later);

// Statuses and bodies.
for (const path of ["/redirect", "/missing", "/teapot", "/broken", "/unavailable", "/empty", "/chunked"]) {
  await send(request({ ...base, path }));
}
await send(request({ ...base, path: "/body", method: "POST" }), "x".repeat(200_000));
await send(request({ ...base, path: "/finish" }));
for (const path of ["/routed", "/express", "/fastify", "/mounted"]) await send(request({ ...base, path }));
await send(request({ ...base, path: "/late-write" }));

// One connection for many.
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
await Promise.all(["/kept-1", "/kept-2", "/kept-3"].map((path) => send(request({ ...base, path, agent }))));
agent.destroy();
await raw(port, bare("/piped-1") + bare("/chunked?piped") + bare("/piped-3"));
await raw(port, "GET /old-client HTTP/1.0\r\n\r\n");
await raw(port, bare("http://localhost/absolute?q=1"));
await raw(port, "OPTIONS * HTTP/1.1\r\nhost: localhost\r\n\r\n");

// What comes with a request.
for (const [path, traceparent] of [
  ["/sampled", `00-${TRACE}-${CALLER}-01`],
  ["/unsampled", `00-${TRACE}-${CALLER}-00`],
  ["/malformed", "00-nothing-like-it-01"],
  ["/zero", `00-${"0".repeat(32)}-${CALLER}-01`],
] as const) {
  await raw(port, bare(path, { traceparent, tracestate: "vendor=1" }));
}
await raw(port, bare("/baggage", { traceparent: `00-${TRACE}-${CALLER}-01`, baggage: "tenant=7" }));
await raw(
  port,
  bare("/forwarded", { forwarded: 'for="[2001:db8::7]:4711";host="shop.example:8443";proto=https, for=10.0.0.1' }),
);
await raw(
  port,
  bare("/x-forwarded", {
    "x-forwarded-for": "192.0.2.7, 10.0.0.1",
    "x-forwarded-host": "shop.example",
    "x-forwarded-proto": "https",
  }),
);
await raw(port, bare("/x-forwarded-hosts", { "x-forwarded-host": "shop.example, inner.example" }));
await raw(port, bare("/secret?sig=SECRET&AWSAccessKeyId=SECRET&q=%20"));

// What goes wrong.
await raw(port, bare("/slow"), 30);
await raw(port, bare("/half"), 30);
for (const path of ["/cut", "/reset", "/throws"]) {
  const call = request({ ...base, path, agent: false }).end();
  setTimeout(() => call.destroy(), 100);
  await over(call);
}
const aborted = request({ ...base, path: "/slow?aborted" }).end();
setTimeout(() => aborted.destroy(), 30);
await over(aborted);
await send(request({ ...base, path: "/slow?signal", signal: AbortSignal.timeout(30) }));
const late = request({ ...base, path: "/slow?timeout", timeout: 30 });
late.on("timeout", () => late.destroy(new Error("too late")));
await send(late);
await send(request({ host: "127.0.0.1", port: 1, path: "/refused" }));
await send(request({ host: "no-such-host.invalid", path: "/unknown-host" }));
for (const [name, answer] of Object.entries(socketServers)) {
  const bad = createSocketServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => answer(socket));
  });
  await send(request({ host: "127.0.0.1", port: await listen(bad), path: `/bad/${name}`, agent: false }));
  bad.close();
}
try {
  request({ ...base, path: "/not allowed" });
} catch {
  // No request was made.
}

// Other protocols, and asking first.
const upgrade = { connection: "upgrade", upgrade: "echo" };
await send(request({ ...base, path: "/upgrade", headers: upgrade, agent: false }));
const patient = request({ ...base, path: "/continue", method: "POST", headers: { expect: "100-continue" } });
patient.on("continue", () => patient.end("body"));
patient.flushHeaders();
await over(patient);
const asking = request({
  ...base,
  port: continuedPort,
  path: "/check-continue",
  method: "POST",
  headers: { expect: "100-continue" },
});
asking.on("continue", () => asking.end("body"));
asking.flushHeaders();
await over(asking);

// What a request carries, and in which span it is made.
await trace.getTracer("app").startActiveSpan("work", async (work) => {
  const mine = activeSpanId();
  const seen: boolean[] = [];
  const note = (): void => void seen.push(activeSpanId() === mine);
  const call = request({ ...base, path: "/echo", headers: { "x-own": "1" } }, (response) => {
    note();
    response.on("end", note);
  });
  call.on("close", note).on("socket", note);
  const headers = JSON.parse(await send(call)) as string[];
  console.log(JSON.stringify({ headers: headers.filter((_, i) => i % 2 === 0).sort(), seen }));
  work.end();
});

server.closeAllConnections();
server.close();
continued.closeAllConnections();
continued.close();
