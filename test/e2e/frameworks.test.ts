import { expect } from "chai";
import { describe, it } from "mocha";
import { REGISTER } from "../helpers/app.ts";
import { appWith, type Packages } from "../helpers/framework-app.ts";
import { receiving } from "../helpers/receiver.ts";

/** A framework with what is asked of it, and the routes that are expected; undefined where there is none. */
interface Case {
  readonly file: string;
  readonly packages: Packages;
  readonly env?: Readonly<Record<string, string>>;
  readonly routes: Readonly<Record<string, string | undefined>>;
}

const EXPRESS = {
  "GET /": "/",
  "GET /users/1": "/users/:id",
  "POST /users/1": undefined,
  "GET /or/2": "/or/:x",
  "GET /reg": "/^\\/reg(ular)?$/",
  "GET /api/users": "/api/users",
  "GET /api/users/1": "/api/users/:id",
  "POST /api/users": "/api/users",
  "PUT /api/users/1": "/api/users/:id",
  "DELETE /api/users/1": "/api/users/:id",
  "GET /api/users/bad": "/api/users/:id",
  "GET /api/users/denied": "/api/users/:id",
  "GET /api/none": undefined,
  "GET /t/acme": "/t/:tenant",
  "GET /t/acme/orders/all": "/t/:tenant/orders/all",
  "GET /t/acme/orders/77": "/t/:tenant/orders/^\\/\\d+$/",
  "GET /t/acme/orders/1/fails": "/t/:tenant/orders/:order/fails",
  "GET /two/x/orders/list": "/two/:x/orders/list",
  "GET /rx1/orders/1/fails": "/^\\/rx\\d/orders/:order/fails",
  "GET /sub/page/1": "/sub/page/:n",
  "GET /sub/fails": "/sub/fails",
  "GET /wrapped/a/in/b": "/wrapped/:w/in/:x",
  "GET /static/file": "/static",
  "GET /none": undefined,
};
const KOA = {
  "GET /": "/",
  "GET /reg": "/^\\/reg(ular)?$/",
  "GET /api/v1/users": "/api/v1/users",
  "GET /api/v1/users/7": "/api/v1/users/:id",
  "HEAD /api/v1/users/7": "/api/v1/users/:id",
  "POST /api/v1/users/7": "/api/v1/users/:id",
  "PUT /api/v1/users/7": undefined,
  "GET /api/v1/users/8?denied": "/api/v1/users/:id",
  "GET /api/either/me": "/api/either/:x",
  "GET /none": undefined,
};
const USERS = { "GET /": "/", "GET /users/1": "/users/:id", "GET /none": undefined };
const FAILING = { ...USERS, "POST /users/1": "/users/:id" };

const CASES: readonly Case[] = [
  { file: "express.cjs", packages: ["express", "4.22.3"], routes: { ...EXPRESS, "GET /any/x/y": "/any/*" } },
  { file: "express.cjs", packages: ["express", "5.3.0"], routes: { ...EXPRESS, "GET /any/x/y": "/any/*rest" } },
  {
    file: "fastify.cjs",
    packages: ["fastify", "5.12.8"],
    routes: {
      ...FAILING,
      "HEAD /users/1": "/users/:id",
      "GET /users/x": "/users/:id",
      "GET /api/orders/7": "/api/orders/:id",
      "GET /api/orders/8?denied": "/api/orders/:id",
      "GET /files/a/b": "/files/*",
    },
  },
  { file: "fastify.cjs", packages: ["fastify", "4.29.1"], routes: { ...FAILING, "GET /users/x": "/users/:id" } },
  {
    file: "h3-1.mjs",
    packages: ["h3", "1.15.11"],
    routes: { ...FAILING, "GET /files/a/b": "/files/**" },
  },
  {
    file: "h3-2.mjs",
    packages: ["h3", "2.0.8"],
    routes: { ...FAILING, "GET /files/a/b": "/files/**", "GET /denied/7": "/denied/:id" },
  },
  {
    file: "hapi.cjs",
    packages: ["@hapi/hapi", "21.4.10"],
    routes: {
      "GET /": "/",
      "GET /users/1": "/users/{id}",
      "POST /users/1": "/users/{id}",
      "GET /private/7": "/private/{id?}",
      "GET /valid/7": "/valid/{id}",
      "GET /files/a/b": "/files/{path*}",
      "GET /api/orders/7": "/api/orders/{id}",
      "GET /none": undefined,
    },
  },
  {
    file: "hono.mjs",
    packages: ["hono", "4.13.19", "@hono/node-server@2.1.9"],
    routes: {
      "GET /": "/",
      "GET /denied/7": "/denied/:id",
      "PUT /all/7": "/all/:x",
      "GET /api/users": "/api/users",
      "GET /api/users/7": "/api/users/:id{[0-9]+}",
      "POST /api/users/7": "/api/users/:id",
      "GET /none": undefined,
    },
  },
  {
    file: "hono.cjs",
    packages: ["hono", "4.13.19", "@hono/node-server@2.1.9"],
    routes: { "GET /users/1": "/users/:id", "GET /users/2": "/users/:id", "GET /none": undefined },
  },
  {
    file: "koa.cjs",
    packages: ["koa", "3.3.0", "@koa/router@15.7.0"],
    env: { ROUTER: "@koa/router" },
    routes: KOA,
  },
  { file: "koa.cjs", packages: ["koa", "2.16.4", "koa-router@14.0.0"], env: { ROUTER: "koa-router" }, routes: KOA },
  { file: "polka.cjs", packages: ["polka", "0.5.2"], routes: { ...USERS, "PUT /all/7": "/all/:x" } },
  { file: "polka.cjs", packages: ["polka", "1.0.0-next.28"], routes: { ...FAILING, "PUT /all/7": "/all/:x" } },
  { file: "restify.cjs", packages: ["restify", "12.0.0"], routes: FAILING },
];

describe("the route of a request", () => {
  const receiver = receiving();

  for (const { file, packages, env, routes } of CASES) {
    it(`is the one the framework matched: ${packages.join(" ")}, ${file}`, async () => {
      const app = appWith(packages);
      const asked = Object.keys(routes);
      const running = app.start(file, {
        flags: ["--require", REGISTER],
        args: asked,
        env: { ...receiver.env, ...env },
      });
      await running.says(/asked/);
      const ended = await running.stop();
      expect(ended.stderr.split("\n").filter((line) => line.startsWith("stratascope"))).to.deep.equal([]);

      const spans = receiver.spans.filter(({ kind }) => kind === "SPAN_KIND_SERVER");
      const told = spans.map(({ name, attributes }) => {
        const { "http.request.method": method, "url.path": path, "url.query": query } = attributes;
        const target = `${String(method)} ${String(path)}${query === undefined ? "" : `?${String(query)}`}`;
        return [target, name, attributes["http.route"]];
      });
      const expected = asked.map((target) => {
        const method = target.split(" ", 1)[0]!;
        const route = routes[target];
        return [target, route === undefined ? method : `${method} ${route}`, route];
      });
      expect(told).to.deep.equal(expected);
    });
  }
});
