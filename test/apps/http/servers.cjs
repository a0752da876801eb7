// Requests of all kinds that are no plain ones of HTTP/1.1 to a server of `node:http`: raw targets and hosts, upgrades,
// CONNECT, HTTP/2 by both of its APIs, over TLS as well. Each has a path of its own, by which its span is found.
const { once } = require("node:events");
const http = require("node:http");
const http2 = require("node:http2");
const https = require("node:https");
const net = require("node:net");
const tls = require("node:tls");
const { context, trace } = require("@opentelemetry/api");

// A key that both know, so that no certificate is needed.
const psk = Buffer.alloc(16, 7);
const TLS = { ciphers: "PSK-AES128-GCM-SHA256", maxVersion: "TLSv1.2" };
const SERVER_TLS = { ...TLS, pskCallback: () => psk };
const CLIENT_TLS = { ...TLS, pskCallback: () => ({ psk, identity: "me" }), checkServerIdentity: () => {} };

const listen = async (server) => (await once(server.listen(0, "127.0.0.1"), "listening"), server.address().port);
const isInSpan = () => trace.getSpan(context.active()) !== undefined;
const traced = [];
const note = (what) => traced.push(`${what} ${isInSpan()}`);

const plain = http.createServer({ requireHostHeader: false }, (request, response) => response.end("ok"));
plain.on("connect", (request, socket) => socket.end("HTTP/1.1 200 OK\r\n\r\n"));
const upgrades = {
  "/accepted": (socket) => {
    socket.cork();
    socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\n");
    socket.write("upgrade: echo\r\n\r\n");
    socket.uncork();
    socket.end();
  },
  "/later": (socket) => setImmediate(() => socket.end(Buffer.from("HTTP/1.1 101 Switching Protocols\r\n\r\n"))),
  "/refused": (socket) => socket.end("HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n"),
  "/failed": (socket) => socket.end("HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n"),
  "/dropped": (socket) => socket.destroy(),
};
const leftOn = [];
function upgrade(request, socket) {
  const own = () => Object.keys(socket).filter((key) => ["_write", "_writev", "_destroy"].includes(key));
  leftOn.push(...own());
  note("upgrade");
  upgrades[request.url](socket);
  if (request.url !== "/later")
    leftOn.push(...["_write", "_writev", "_destroy"].filter((key) => Object.hasOwn(socket, key)));
}
plain.on("upgrade", upgrade);

async function raw(port, text, connect = net.connect) {
  const socket = connect({ port, host: "127.0.0.1", ...(connect === tls.connect && CLIENT_TLS) }).on("error", () => {});
  socket.resume().write(text);
  await once(socket, "close");
}
const get = (target, ...headers) => [`GET ${target} HTTP/1.1`, ...headers, "connection: close", "", ""].join("\r\n");
const upgrading = (path) =>
  [`GET ${path} HTTP/1.1`, "host: a", "connection: upgrade", "upgrade: echo", "", ""].join("\r\n");

/** What servers of HTTP/2 do for a path, by the API for streams. */
const streams = {
  "/stream": (stream) => {
    note("stream");
    stream.on("data", () => {}).on("end", () => (note("end"), stream.end("ok")));
    stream.respond({ ":status": 201 });
  },
  "/stream-reset": (stream) => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR),
  "/stream-half": (stream) => (stream.respond(), stream.write("half")),
  "/stream-failed": (stream) => stream.respond({ ":status": 500 }, { endStream: true }),
};

async function overHttp2(session, headers, { cancel = false } = {}) {
  const stream = session
    .request(headers, { endStream: true })
    .on("error", () => {})
    .resume();
  if (cancel) stream.once("data", () => stream.close(http2.constants.NGHTTP2_CANCEL));
  await once(stream, "close").catch(() => {});
}

void (async () => {
  const port = await listen(plain);
  await raw(port, get("/no-host").replace("1.1", "1.0"));
  await raw(port, get("/broken-host", "host: a b:x"));
  await raw(port, get("/ipv6-host", "host: [::1]:8080"));
  await raw(port, get("/empty-host", "host:"));
  await raw(port, get("//double//slash?a=%20&b=+", "host: shop.example"));
  await raw(port, get("http://shop.example:99/absolute?x", "host: other"));
  await raw(port, get("https://user:s3cret@[::2]/absolute-https", "host: other"));
  await raw(port, get("*", "host: a").replace("GET", "OPTIONS"));
  await raw(port, "CONNECT shop.example:443 HTTP/1.1\r\nhost: other\r\n\r\n");
  for (const path of Object.keys(upgrades)) await raw(port, upgrading(path));

  const secure = https.createServer(SERVER_TLS).on("upgrade", upgrade);
  upgrades["/secure"] = upgrades["/accepted"];
  await raw(await listen(secure), upgrading("/secure"), tls.connect);
  plain.close();
  secure.close();

  const compatible = http2.createServer((request, response) => {
    note("compatible");
    request.route = { path: "/compatible/:id" };
    response.statusCode = 202;
    response.end(request.url);
  });
  const cleartext = http2.createServer().on("stream", (stream, headers) => {
    streams[headers[":path"]](stream.on("error", () => {}));
  });
  for (const server of [compatible, cleartext]) {
    const session = http2.connect(`http://127.0.0.1:${await listen(server)}`);
    if (server === compatible) await overHttp2(session, { ":path": "/compatible/1?q=%20", "user-agent": "me" });
    else {
      await overHttp2(session, { ":path": "/stream", ":authority": "shop.example:8" });
      await overHttp2(session, { ":path": "/stream-reset" });
      await overHttp2(session, { ":path": "/stream-half" }, { cancel: true });
      await overHttp2(session, { ":path": "/stream-failed" });
    }
    session.close();
    server.close();
  }

  const both = http2.createSecureServer({ ...SERVER_TLS, allowHTTP1: true }, (request, response) => response.end("ok"));
  const bothPort = await listen(both);
  const session = http2.connect(`https://127.0.0.1:${bothPort}`, CLIENT_TLS);
  await overHttp2(session, { ":path": "/secure-2" });
  session.close();
  await raw(bothPort, get("/secure-1", "host: shop.example"), tls.connect);
  both.close();
  console.log(JSON.stringify({ traced, leftOn }));
})();
