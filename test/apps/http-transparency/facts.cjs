// Says what an application can see of HTTP, also from the inside of its listeners.
const http = require("node:http");
const https = require("node:https");
const facts = {};
const flags = (object, names) =>
  names.map((name) => {
    const { value, ...rest } = Object.getOwnPropertyDescriptor(object, name);
    return { name, ...rest, called: value.name, length: value.length, source: String(value) };
  });
facts.functions = [http, https].map((module) => flags(module, ["request", "get", "Server", "createServer"]));
facts.classes = flags(http, ["ClientRequest", "IncomingMessage", "ServerResponse", "OutgoingMessage"]);
facts.emit = [http.Server, https.Server, http.IncomingMessage, http.ServerResponse, http.ClientRequest].map(
  ({ prototype: { emit } }) => [emit.name, emit.length],
);
const counts = (emitter) =>
  Object.fromEntries(
    emitter
      .eventNames()
      .map((name) => [String(name), emitter.listenerCount(name)])
      .sort(),
  );
const server = http.createServer(function (incoming, response) {
  facts.server = {
    self: this === server,
    keys: [incoming, response].map((message) => Reflect.ownKeys(message).map(String).sort()),
    listeners: [counts(incoming), counts(response), counts(server), counts(incoming.socket)],
  };
  const end = function (...args) {
    facts.end = { self: this === incoming, args: args.length };
  };
  incoming.on("end", end).resume();
  facts.same = incoming.listeners("end").includes(end);
  response.on("finish", function (...args) {
    facts.finish = { self: this === response, args: args.length };
  });
  response.end("hello");
});
facts.unheard = server.emit("nobody", 1);
server.on("custom", (...args) => {
  facts.custom = args;
});
facts.heard = server.emit("custom", 1, undefined, 3);
server.listen(0, "127.0.0.1", () => {
  const call = http.get({ host: "127.0.0.1", port: server.address().port, agent: false }, function (response) {
    facts.client = {
      self: this === call,
      keys: [call, response].map((message) => Reflect.ownKeys(message).map(String).sort()),
      listeners: [counts(call), counts(response)],
    };
    response.resume().on("close", () => {
      console.log(JSON.stringify(facts, null, 1));
      server.close();
    });
  });
});
