// Polka: parameters, what is for all methods, middleware, handlers that fail.
const required = require("polka");
const polka = required.default ?? required;
const { ask } = require("./serve.cjs");
const app = polka();
app.use((request, response, next) => next());
app.get("/", (request, response) => response.end("ok"));
app.get("/users/:id", (request, response) => response.end("ok"));
app.post("/users/:id", () => {
  throw new Error("boom");
});
app.all("/all/:x", (request, response) => response.end("ok"));
app.listen(0, "127.0.0.1", () => ask(app.server.address().port));
