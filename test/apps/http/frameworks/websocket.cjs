// WebSocket by the package that the environment names; says whether a message is handled in a span, and writes it down.
const http = require("node:http");
const { context, trace } = require(process.env.API);
const Database = require(process.env.SQLITE);

const server = http.createServer((request, response) => response.end("ok"));
const isInSpan = () => trace.getSpan(context.active()) !== undefined;
const database = new Database(":memory:");
database.exec("CREATE TABLE notes (text)");
const insert = database.prepare("INSERT INTO notes VALUES ('hello')");
const keep = database.transaction(() => insert.run());
/** Then it is ended. */
function done(connected, message) {
  keep();
  setImmediate(() => console.log(JSON.stringify({ connected, message })));
}

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
