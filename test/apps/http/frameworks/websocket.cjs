// WebSocket by the package that the environment names; says whether a message is handled in a span.
const http = require("node:http");
const { context, trace } = require(process.env.API);

const server = http.createServer((request, response) => response.end("ok"));
const isInSpan = () => trace.getSpan(context.active()) !== undefined;
/** Then it is ended. */
const done = (connected, message) => console.log(JSON.stringify({ connected, message }));

function ws(port) {
  const { WebSocket, WebSocketServer } = require("ws");
  const sockets = new WebSocketServer({ server, path: "/socket" });
  sockets.on("connection", (socket) => {
    const connected = isInSpan();
    socket.on("message", () => done(connected, isInSpan()));
  });
  const refused = new WebSocket(`ws://127.0.0.1:${port}/elsewhere`);
  refused.on("error", () => {
    const client = new WebSocket(`ws://127.0.0.1:${port}/socket`).on("open", () => client.send("hello"));
  });
}

function socketIo(port) {
  const { Server } = require("socket.io");
  const { io } = require("socket.io-client");
  new Server(server).on("connection", (socket) => {
    const connected = isInSpan();
    socket.on("hello", () => done(connected, isInSpan()));
  });
  const client = io(`http://127.0.0.1:${port}`, { transports: ["websocket"] }).on("connect", () =>
    client.emit("hello", 1),
  );
}

server.listen(0, "127.0.0.1", () => (process.env.LIBRARY === "ws" ? ws : socketIo)(server.address().port));
