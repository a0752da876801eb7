import type { Agent, RequestOptions } from "node:http";

/** Destination of requests and the agent for them. */
export interface Route {
  /** URL, or the options of the request to a proxy instead. */
  readonly target: RequestOptions;
  readonly agent: Agent;
}
