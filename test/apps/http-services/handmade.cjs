// Hands a server what never came in over a connection, and then a request that did.
const { IncomingMessage, ServerResponse, createServer, get } = require("node:http");
const { EventEmitter } = require("node:events");
const { Duplex } = require("node:stream");

const server = createServer((incoming, response) => response.end("hello"));
const endless = Object.assign(new EventEmitter(), { end() {} });
server.emit("request", { method: "GET", url: "/", headers: {} }, endless);
server.emit("request", undefined, endless);
const incoming = new IncomingMessage(null);
server.emit("request", Object.assign(incoming, { method: "GET" }), new ServerResponse(incoming));
const bare = Object.assign(new IncomingMessage(null), { url: undefined });
server.emit("request", bare, new ServerResponse(bare));

server.on("upgrade", (_, socket) => socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
const socket = new Duplex({ read() {}, write: (chunk, encoding, done) => done() });
const own = Object.getOwnPropertyNames(socket).join();
server.emit("upgrade", new IncomingMessage(null), socket);
if (Object.getOwnPropertyNames(socket).join() !== own) throw new Error("something is left on the socket");

server.listen(0, "127.0.0.1", () => {
  get({ host: "127.0.0.1", port: server.address().port }, (answer) => answer.resume().on("end", () => server.close()));
});
