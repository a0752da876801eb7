// h3 2, which has routes of its own.
import { H3, HTTPError, serve } from "h3";
import serving from "./serve.cjs";
const app = new H3({ silent: true });
app.use((event, next) => next());
app.use("/denied/**", () => new Response("no", { status: 403 }));
app
  .get("/", () => "ok")
  .get("/users/:id", () => "ok")
  .get("/files/**", () => "ok")
  .get("/denied/:id", () => "ok");
app.post("/users/:id", async () => {
  await Promise.resolve();
  throw new HTTPError({ status: 500 });
});
const server = serve(app, { port: 0, hostname: "127.0.0.1", silent: true });
await server.ready();
await serving.ask(new URL(server.url).port);
