import type { Framework } from "../http/framework.ts";
import { express, router } from "./express.ts";
import { h3 } from "./h3.ts";
import { hapi } from "./hapi.ts";
import { hono } from "./hono.ts";
import { koa } from "./koa.ts";
import { polka } from "./polka.ts";
import { ws } from "./ws.ts";

/**
 * All frameworks that report the routes of requests, and the package that serves WebSockets. Fastify publishes routes,
 * and restify stores them on requests.
 */
export const frameworks: readonly Framework[] = [express, h3, hapi, hono, koa, polka, router, ws];
