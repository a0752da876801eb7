import { context } from "@opentelemetry/api";
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_REQUEST_DURATION,
  ATTR_REQUEST_OUTCOME,
  EVENT_HTTP_SERVER_REQUEST_COMPLETED,
  type RequestOutcome,
} from "../../semconv/index.ts";
import { requestListeners } from "../context/request.ts";
import { logger } from "./loggers.ts";

/** Statuses after which a client may repeat the request. */
const RETRY: ReadonlySet<number> = new Set([408, 425, 429, 503]);

/** Returns the outcome of a request by its status; undefined means that there was no response. */
export function outcomeOf(status: number | undefined): RequestOutcome {
  if (status === undefined) return "error";
  if (RETRY.has(status)) return "retry";
  return status < 400 ? "success" : "error";
}

/** Returns the level of a request's record. A client that disconnected is not a failure of the service. */
function levelOf(status: number | undefined): "info" | "warn" | "error" {
  if (status === undefined) return "warn";
  return status < 500 ? "info" : "error";
}

/** Writes a record for each request that was served. */
export function recordRequests(): void {
  const http = logger("http");
  requestListeners.completed = ({ context: where, nanoseconds, attributes, route }) => {
    const status = attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] as number | undefined;
    const parts = [attributes[ATTR_HTTP_REQUEST_METHOD], route, status ?? "no response"];
    const message = parts.filter((part) => part !== undefined).join(" ");
    const fields = {
      ...attributes,
      event_name: EVENT_HTTP_SERVER_REQUEST_COMPLETED,
      [ATTR_HTTP_ROUTE]: route,
      [ATTR_REQUEST_DURATION]: nanoseconds / 1e9,
      [ATTR_REQUEST_OUTCOME]: outcomeOf(status),
    };
    context.with(where, () => http[levelOf(status)](message, fields));
  };
}
