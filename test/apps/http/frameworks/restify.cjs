// restify, which leaves its route on the request.
const restify = require("restify");
const { ask } = require("./serve.cjs");
const server = restify.createServer({ handleUncaughtExceptions: false });
const ok = (request, response, next) => {
  response.send("ok");
  next();
};
server.get("/", ok);
server.get("/users/:id", ok);
server.post("/users/:id", (request, response, next) => next(new Error("boom")));
server.listen(0, "127.0.0.1", () => ask(server.address().port));
