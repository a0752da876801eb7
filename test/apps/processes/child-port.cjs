// A child process, or a worker of a cluster that listens by itself, asks for the port PORT, on which its parent may show metrics.
const { fork } = require("node:child_process");
const cluster = require("node:cluster");
const { connect, createServer } = require("node:net");
const { DatabaseSync } = require("node:sqlite");

const port = Number(process.env.PORT);

function listen() {
  const server = createServer().listen({ port, exclusive: true }, () => {
    console.log("listens");
    server.close();
    process.disconnect();
  });
}

/** Waits until the parent has the port, where it is observed. */
function taken(then) {
  if (process.env.OTEL_EXPORTER_PROMETHEUS_PORT === undefined) return then();
  const socket = connect(port, "127.0.0.1", () => socket.destroy());
  socket.on("error", () => setTimeout(taken, 50, then)).on("connect", then);
}

if (process.send) listen();
else {
  new DatabaseSync(":memory:").exec("CREATE TABLE items (name)");
  const stays = setInterval(() => {}, 1_000);
  taken(() => {
    const child = process.argv[2] === "cluster" ? cluster.fork().process : fork(__filename);
    child.on("exit", (code) => {
      console.log(code);
      clearInterval(stays);
    });
  });
}
