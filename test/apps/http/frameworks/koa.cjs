// Koa with the router named by the environment: nested routers, prefixes, expressions, middleware that answers.
const Koa = require("koa");
const { serve } = require("./serve.cjs");
const required = require(process.env.ROUTER);
const Router = required.Router ?? required.default ?? required;

const app = new Koa({ env: "test" });
app.silent = true;
const ok = (ctx) => {
  ctx.body = "ok";
};

const users = new Router({ prefix: "/users" });
users.use(async (ctx, next) => {
  if (ctx.query.denied !== undefined) {
    ctx.status = 403;
    ctx.body = "";
    return;
  }
  await next();
});
users.get("/", ok);
users.get("/:id", ok);
users.post("/:id", async () => {
  await Promise.resolve();
  throw new Error("boom");
});
const api = new Router({ prefix: "/api" });
api.use("/v1", users.routes(), users.allowedMethods());
api.get("/either/:x", ok);
api.get("/either/me", ok);
const root = new Router();
root.get("/", ok);
root.get(/^\/reg(ular)?$/, ok);
app.use(async (ctx, next) => next());
app.use(root.routes());
app.use(api.routes());
serve(app.callback());
