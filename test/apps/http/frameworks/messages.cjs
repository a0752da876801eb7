// Messages over WebSockets by `ws`, with what their listeners do in a database; says in which order they were called.
const http = require("node:http");
const WebSocket = require("ws");
const Database = require(process.env.SQLITE);
const pino = process.env.PINO === undefined ? undefined : require(process.env.PINO)();

const database = new Database(":memory:");
database.exec("CREATE TABLE notes (text)");
const insert = database.prepare("INSERT INTO notes VALUES (?)");
const keep = database.transaction((text) => insert.run(text));
const steps = [];
const step = (...what) => steps.push(what.join(" "));
const MESSAGES = ["one", Buffer.from([1, 2]), "later", "awaits", "", "fails"];

const textOf = (data) => Buffer.from(data).toString("latin1");

/** What a listener does with a message, by its text. */
const HANDLERS = {
  later: (text) => process.nextTick(keep, text),
  async awaits(text) {
    await Promise.resolve();
    await Promise.resolve();
    keep(text);
  },
  fails() {
    keep("fails");
    throw new RangeError("handler");
  },
};

function serve(socket) {
  const isOwn = Object.hasOwn(socket, "emit");
  const first = (data, isBinary) => {
    const text = textOf(data);
    step("first", text, typeof data, isBinary);
    pino?.info(text);
    (HANDLERS[text] ?? keep)(text);
  };
  socket.once("message", () => step("once"));
  socket.on("message", first);
  socket.addEventListener("message", ({ data, target, type }) => step("event", data, type, target === socket));
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- it is another one
  socket.onmessage = ({ data }) => step("attribute", data);
  socket.on("message", (data) => {
    step("last", textOf(data), socket.listenerCount("message"));
    if (textOf(data) !== "own") setImmediate(() => socket.send(`re ${textOf(data)}`));
  });
  step(isOwn, socket.listeners("message")[1] === first, socket.emit("message", Buffer.from("own"), false));
  step(Object.keys(WebSocket.prototype), Object.keys(socket._receiver), Object.keys(socket));
}

const server = http.createServer();
const sockets = new WebSocket.Server({ server, path: "/chat", perMessageDeflate: process.env.DEFLATE !== undefined });
sockets.on("connection", serve);

function end(client) {
  client.terminate();
  sockets.clients?.forEach((socket) => socket.terminate());
  sockets.close();
  server.close(() => {
    console.log(JSON.stringify({ steps, notes: database.prepare("SELECT text FROM notes").pluck().all() }));
  });
}

server.listen(0, "127.0.0.1", function () {
  const headers = { "x-correlation-id": "order-7" };
  const client = new WebSocket(`ws://127.0.0.1:${this.address().port}/chat`, { headers });
  const rest = [...MESSAGES];
  const next = () => client.send(rest.shift());
  client.on("open", next);
  client.on("message", (data) => {
    step("client", textOf(data));
    next();
  });
  process.once("uncaughtException", ({ name, message, stack }) => {
    step(name, message, stack, process.listenerCount("uncaughtException"));
    setImmediate(end, client);
  });
});
