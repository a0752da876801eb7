// Hono as CommonJS.
const { serve } = require("@hono/node-server");
const { Hono } = require("hono");
const { ask } = require("./serve.cjs");
const app = new Hono();
app.use("*", (c, next) => next());
app.get("/users/:id", (c) => c.text("ok"));
serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => ask(port));
