// Handlers leave timers, promises and listeners behind; says what of their requests still lives, and what a late record
// says of one. Run with --expose-gc.
const { AsyncResource } = require("node:async_hooks");
const { EventEmitter, once } = require("node:events");
const http = require("node:http");
const net = require("node:net");
const { setTimeout: wait } = require("node:timers/promises");
const { context } = require("@opentelemetry/api");
const { logger } = require("stratascope");

const log = logger("late");
const bus = new EventEmitter();
const living = [];
const left = [];
let late;

const behaviours = {
  "/timer": (response) => {
    left.push(setTimeout(() => {}, 2 ** 30));
    late = AsyncResource.bind(() => log.info("late"));
    response.end();
  },
  "/promise": (response) => {
    left.push(new Promise(() => {}).then(() => {}));
    response.end();
  },
  "/listener": (response) => {
    bus.on(
      "event",
      context.bind(context.active().setValue(Symbol("own"), 1), () => {}),
    );
    response.end();
  },
  "/aborted": (response) => {
    left.push(setTimeout(() => {}, 2 ** 30));
    response.write("half");
  },
  "/failed": (response) => {
    left.push(setTimeout(() => {}, 2 ** 30));
    response.writeHead(500).end();
  },
};

const server = http.createServer((request, response) => {
  request.body = { of: "a framework" };
  for (const object of [request, response, request.body]) living.push([request.url, new WeakRef(object)]);
  request.route = { path: request.url };
  behaviours[request.url](response);
});

async function ask(path) {
  const socket = net.connect(server.address().port, "127.0.0.1").resume();
  socket.write(`GET ${path} HTTP/1.1\r\nhost: a\r\nx-correlation-id: of ${path}\r\n`.replace("of /", "of-"));
  socket.write(`x-forwarded-for: 192.0.2.7\r\nconnection: close\r\n\r\n`);
  if (path === "/aborted") socket.once("data", () => socket.resetAndDestroy());
  await once(socket, "close");
}

server.listen(0, "127.0.0.1", async () => {
  for (const path of Object.keys(behaviours)) await ask(path);
  server.close();
  for (let i = 0; i < 100 && living.some(([, ref]) => ref.deref() !== undefined); i++) {
    await wait(10);
    gc();
  }
  console.log(
    "living",
    living
      .filter(([, ref]) => ref.deref() !== undefined)
      .map(([path]) => path)
      .join(),
  );
  late();
  process.exit();
});
