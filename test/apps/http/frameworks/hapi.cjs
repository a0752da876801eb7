// hapi: parameters, a plugin with a prefix, validation and authentication that answer, handlers that fail.
const Hapi = require("@hapi/hapi");
const { ask } = require("./serve.cjs");

const handler = () => "ok";

void (async () => {
  const server = Hapi.server({ port: 0, host: "127.0.0.1", debug: false });
  server.auth.scheme("none", () => ({ authenticate: (request, h) => h.response().code(401).takeover() }));
  server.auth.strategy("none", "none");
  server.route({ method: "GET", path: "/", handler });
  server.route({ method: "GET", path: "/users/{id}", handler });
  server.route({
    method: "POST",
    path: "/users/{id}",
    handler: async () => {
      await Promise.resolve();
      throw new Error("boom");
    },
  });
  server.route({ method: "GET", path: "/private/{id?}", handler, options: { auth: "none" } });
  server.route({
    method: "GET",
    path: "/valid/{id}",
    handler,
    options: {
      validate: {
        params: () => {
          throw new Error("no");
        },
      },
    },
  });
  server.route({ method: "GET", path: "/files/{path*}", handler });
  const plugin = { name: "api", register: (api) => api.route({ method: "GET", path: "/orders/{id}", handler }) };
  await server.register(plugin, { routes: { prefix: "/api" } });
  await server.start();
  await ask(server.info.port);
})();
