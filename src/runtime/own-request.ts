import http, { type ClientRequest, type RequestOptions } from "node:http";

/** As it was at the start: what applications and their tests put in its place is for their own requests. */
const { request } = http;

/** Makes a request of our own, over HTTPS as well, whose module is loaded only then. */
export function ownRequest(options: RequestOptions): ClientRequest {
  if (options.protocol !== "https:" || typeof options.agent === "object") return request(options);
  const { Agent } = process.getBuiltinModule("node:https");
  return request({ ...options, agent: new Agent() });
}
