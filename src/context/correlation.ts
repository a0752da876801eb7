import { isSpanContextValid, propagation, trace, type Context } from "@opentelemetry/api";
import { ATTR_REQUEST_CORRELATION_ID, ATTR_REQUEST_ID } from "../../semconv/index.ts";
import { servedRequest, type ServedRequest } from "./request.ts";
import { fieldsAround } from "./log-fields.ts";
import { readConfig, type Config } from "../config/index.ts";

/** Names of the headers that carry ids. */
type IdHeaders = Pick<Config, "correlationHeader" | "requestIdHeader">;

let idHeaders = (): IdHeaders => readConfig().config;

/** Sets the source of the header names: the module that knows the settings in force. */
export function readIdHeadersBy(read: () => IdHeaders): void {
  idHeaders = read;
}

/** Baggage entries that carry the ids. */
export const CORRELATION_ENTRY = "correlation_id";
export const REQUEST_ENTRY = "request_id";

/** Ids that connect related records. */
export interface Ids {
  /** Id of everything that one cause led to, in all services. */
  readonly correlation: string | undefined;
  /** Id of one request. */
  readonly request: string | undefined;
}

/**
 * Valid id. The sender of a request controls its headers: an invalid id does not get into records and further requests.
 */
const ID = /^[\x21-\x7e]{1,128}$/;

export const idOf = (value: unknown): string | undefined =>
  typeof value === "string" && ID.test(value) ? value : undefined;

/** Returns the ids given by the application, the sender of the request or the sender of a message. */
export function givenIds(where: Context): Ids {
  const { correlationHeader, requestIdHeader } = idHeaders();
  const scopes = fieldsAround(where);
  const said = (attribute: string): string | undefined =>
    idOf(scopes.find((fields) => fields[attribute] !== undefined)?.[attribute]);
  const carried = (entry: string): string | undefined => idOf(propagation.getBaggage(where)?.getEntry(entry)?.value);
  const served = servedRequest(where);
  return {
    correlation:
      said(ATTR_REQUEST_CORRELATION_ID) ?? idOf(served?.header(correlationHeader)) ?? carried(CORRELATION_ENTRY),
    // A request has an id of its own; a message carries the id of the request that sent it.
    request:
      said(ATTR_REQUEST_ID) ?? (served === undefined ? carried(REQUEST_ENTRY) : idOf(served.header(requestIdHeader))),
  };
}

/**
 * Returns the ids of records. If none were given, they are those of the trace, which tracing creates and propagates
 * anyway.
 */
export function idsOf(where: Context): Ids {
  const { correlation, request } = givenIds(where);
  const spanContext = trace.getSpanContext(where);
  const isTraced = spanContext !== undefined && isSpanContextValid(spanContext);
  return {
    correlation: correlation ?? (isTraced ? spanContext.traceId : undefined),
    request: request ?? spanIdOf(servedRequest(where)),
  };
}

function spanIdOf(served: ServedRequest | undefined): string | undefined {
  const spanContext = served?.span.spanContext();
  return spanContext !== undefined && isSpanContextValid(spanContext) ? spanContext.spanId : undefined;
}
