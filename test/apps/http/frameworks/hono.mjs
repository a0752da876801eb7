// Hono: nested applications, middleware, groups, what is for all methods, handlers that fail.
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import serving from "./serve.cjs";

const app = new Hono();
const ok = (c) => c.text("ok");
app.use("*", (c, next) => next());
app.use("/denied/*", (c) => c.text("no", 403));
app.get("/", ok);
app.get("/denied/:id", ok);
app.all("/all/:x", ok);
const users = new Hono();
users.use(async (c, next) => {
  await next();
});
users
  .get("/", ok)
  .get("/:id{[0-9]+}", ok)
  .post("/:id", async () => {
    await Promise.resolve();
    throw new Error("boom");
  });
app.route("/api/users", users);
app.onError((error, c) => c.text("failed", 500));
serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => serving.ask(port));
