import type { Attributes } from "@opentelemetry/api";
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_FULL,
  ATTR_USER_AGENT_ORIGINAL,
} from "../../semconv/index.ts";
import type { ClientTarget } from "./client-target.ts";
import { knownMethod } from "./methods.ts";

/** Maximum length of the user agent that is recorded. */
export const MAX_USER_AGENT = 1024;
const MAX_METHOD = 64;

/** Returns the attributes of a request method, with the original spelling if it is not a known method. */
export function methodAttributes(method: string): Attributes {
  const known = knownMethod(method);
  return {
    [ATTR_HTTP_REQUEST_METHOD]: known,
    [ATTR_HTTP_REQUEST_METHOD_ORIGINAL]: known === method ? undefined : method.slice(0, MAX_METHOD),
  };
}

/** Describes an outgoing request. */
export const clientAttributes = (target: ClientTarget, userAgent: string | undefined): Attributes => ({
  ...methodAttributes(target.method),
  [ATTR_SERVER_ADDRESS]: target.host,
  [ATTR_SERVER_PORT]: target.port,
  [ATTR_URL_FULL]: target.url,
  [ATTR_USER_AGENT_ORIGINAL]: userAgent?.slice(0, MAX_USER_AGENT),
});
