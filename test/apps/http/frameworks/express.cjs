// oxlint-disable no-async-endpoint-handlers, no-unused-vars -- that applications have them is what is tested; the length of a handler tells what it is
// Express 4 and 5: routers mounted, nested, by several paths and by expressions; handlers that fail or never get there.
const express = require("express");
const { serve } = require("./serve.cjs");

const app = express();
const fail = () => {
  throw new Error("boom");
};
const isFive = !require("express/package.json").version.startsWith("4.");

app.use((request, response, next) => next());
app.use("/api", (request, response, next) => next());
app.get("/", (request, response) => response.end());
app.get("/users/:id", (request, response) => response.end());
app.get(["/either", "/or/:x"], (request, response) => response.end());
app.get(/^\/reg(ular)?$/, (request, response) => response.end());
app.all(isFive ? "/any/*rest" : "/any/*", (request, response) => response.end());

const users = express.Router();
users.param("id", (request, response, next, id) =>
  setTimeout(() => (id === "denied" ? response.status(403).end() : next(id === "bad" ? new Error(id) : undefined))),
);
users.get("/", (request, response) => response.end());
users.get("/:id", (request, response) => response.end());
users.post("/", fail);
users.put("/:id", async (request, response, next) => {
  await Promise.resolve();
  next(new Error("boom"));
});
users.delete("/:id", (request, response, next) => setTimeout(() => next(new Error("later")), 5));
app.use("/api/users", users);

const tenants = express.Router({ mergeParams: true });
const orders = express.Router();
orders.get(["/list", "/all"], (request, response) => response.end());
orders.get(/^\/\d+$/, (request, response) => response.end());
orders.get("/:order/fails", fail);
tenants.use("/orders/", orders);
tenants.get("/", (request, response) => response.end());
app.use("/t/:tenant", (request, response, next) => setTimeout(() => next(), 1), tenants);
app.use(["/one", "/two/:x"], tenants);
app.use(/^\/rx\d/, tenants);

const sub = express();
sub.get("/page/:n", (request, response) => response.end());
sub.get("/fails", fail);
app.use("/sub", sub);
const wrapped = express.Router();
wrapped.get("/in/:x", (request, response) => response.end());
app.use("/wrapped/:w", async (request, response, next) => {
  await Promise.resolve();
  wrapped(request, response, next);
});
app.use("/static", (request, response) => response.end());
app.use((error, request, response, _) => response.status(500).end());

serve(app);
