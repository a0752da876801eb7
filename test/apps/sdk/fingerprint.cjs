// Says what a process looks like where something could have been patched, and whether it listens on the port of its argument.
const { EventEmitter } = require("node:events");
const http = require("node:http");
const https = require("node:https");
const { connect } = require("node:net");
const Database = require("better-sqlite3");

const statement = new Database(":memory:").prepare("SELECT 1");
const functionsOf = (object) =>
  Object.getOwnPropertyNames(object)
    .map((name) => Object.getOwnPropertyDescriptor(object, name).value)
    .filter((value) => typeof value === "function")
    .map((each) => each.name + each.length + Function.prototype.toString.call(each));
const objects = [http, https, http.Server.prototype, Database.prototype, Object.getPrototypeOf(statement)];
statement.get();
// Nobody listens before there is something to show.
const deadline = Date.now() + 2000;
function ask() {
  const socket = connect(Number(process.argv[2]), "127.0.0.1");
  socket.on("connect", () => finish(socket));
  socket.on("error", (error) => (Date.now() < deadline ? setTimeout(ask, 50) : finish(socket, error)));
}
function finish(socket, result) {
  socket.destroy();
  console.log(
    JSON.stringify({
      functions: objects.map(functionsOf),
      emit: http.Server.prototype.emit === EventEmitter.prototype.emit,
      listeners: process.eventNames().map(String).sort(),
      connected: result?.code ?? "yes",
    }),
  );
}
ask();
