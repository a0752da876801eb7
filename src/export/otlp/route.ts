import type { Agent, RequestOptions } from "node:http";

/** Where requests are sent to, and through what. */
export interface Route {
  /** A URL, or the parts of one where a proxy is asked in its stead. */
  readonly target: RequestOptions;
  readonly agent: Agent;
}
