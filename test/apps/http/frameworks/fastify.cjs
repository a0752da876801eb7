// Fastify: prefixes, hooks and validation that answer, handlers that fail.
const fastify = require("fastify");
const { ask } = require("./serve.cjs");

void (async () => {
  const app = fastify();
  const schema = { params: { type: "object", properties: { id: { type: "integer" } } } };
  app.get("/", async () => "ok");
  app.get("/users/:id", { schema }, async () => "ok");
  app.post("/users/:id", async () => {
    throw new Error("boom");
  });
  await app.register(
    async (api) => {
      api.addHook("onRequest", async (request, reply) => {
        if (request.query.denied !== undefined) await reply.code(403).send();
      });
      api.get("/orders/:id", async () => "ok");
    },
    { prefix: "/api" },
  );
  app.get("/files/*", async () => "ok");
  await app.listen({ port: 0, host: "127.0.0.1" });
  await ask(app.server.address().port);
})();
