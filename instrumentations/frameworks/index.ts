import type { Framework } from "../http/framework.ts";
import { express, router } from "./express.ts";
import { h3 } from "./h3.ts";
import { hapi } from "./hapi.ts";
import { hono } from "./hono.ts";
import { koa } from "./koa.ts";
import { polka } from "./polka.ts";
import { ws } from "./ws.ts";

/**
 * Every framework that is asked for the routes of requests, and what WebSockets are served by. Fastify publishes routes,
 * and restify has them on requests.
 */
export const frameworks: readonly Framework[] = [express, ...h3, hapi, ...hono, koa, ...polka, router, ws];
