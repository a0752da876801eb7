import { trace, type Context } from "@opentelemetry/api";
import {
  ATTR_CLIENT_ADDRESS,
  ATTR_HTTP_ROUTE,
  ATTR_REQUEST_CORRELATION_ID,
  ATTR_REQUEST_ID,
  ATTR_REQUEST_SOURCE,
  REQUEST_SOURCE_VALUE_API,
} from "../../semconv/index.ts";
import { idsOf } from "../context/correlation.ts";
import { servedRequest } from "../context/request.ts";
import { describeError, isError } from "../runtime/describe-error.ts";
import type { LogLevel } from "../config/log-level.ts";
import type { LogFields } from "../context/log-fields.ts";
import { logSettings } from "./loggers.ts";
import { messageText, plainValue } from "../input/plain-value.ts";
import { fieldsAround, noFields, type ScopeFields } from "../context/log-fields.ts";

/** Log record before it is formatted. */
export interface LogRecord {
  /** Milliseconds of the wall clock. */
  readonly time: number;
  readonly level: LogLevel;
  readonly subsystem: string;
  readonly message: string;
  readonly eventName: string | undefined;
  /** By their OpenTelemetry names; plain data only. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly context: Context;
}

/** Input of a caller for a record. */
export interface RecordInput {
  readonly level: LogLevel;
  readonly subsystem: string;
  readonly message: unknown;
  /** As {@link canonical} reads them. */
  readonly fields: ScopeFields;
  readonly context: Context;
}

/** Completes a record with the request or job in whose context it was written. */
export function createRecord({ level, subsystem, message, fields, context }: RecordInput): LogRecord {
  const { error, event_name: eventName, ...own } = fields;
  const failure = error === undefined ? undefined : describeError(error);
  const nearest = [failure, own, ...fieldsAround(context), requestFields(context)];
  const attributes = noFields();
  for (const fields of nearest.toReversed()) Object.assign(attributes, fields);
  return {
    time: Date.now(),
    level,
    subsystem,
    message: messageText(message),
    eventName: typeof eventName === "string" ? eventName : undefined,
    attributes: asData(attributes),
    context,
  };
}

/** Returns the fields of a record; an error in their place becomes the field of that error. */
export const fieldsOf = (details: unknown): LogFields => {
  if (isError(details)) return { error: details };
  return typeof details === "object" && details !== null ? (details as LogFields) : {};
};

function requestFields(context: Context): ScopeFields {
  const { correlation, request: id } = idsOf(context);
  const ids = { [ATTR_REQUEST_CORRELATION_ID]: correlation, [ATTR_REQUEST_ID]: id };
  const served = servedRequest(context);
  if (served === undefined) return ids;
  return {
    ...ids,
    [ATTR_REQUEST_SOURCE]: REQUEST_SOURCE_VALUE_API,
    [ATTR_HTTP_ROUTE]: served.matchedRoute(),
    [ATTR_CLIENT_ADDRESS]: served.clientAddress(),
  };
}

function asData(attributes: ScopeFields): Record<string, unknown> {
  const { omitted } = logSettings();
  const data = noFields();
  for (const name in attributes) {
    const value = attributes[name];
    if (value === undefined || typeof value === "function" || omitted.has(name)) continue;
    data[name] = plainValue(value);
  }
  return data;
}

/** Returns the names of the active span and its ancestors, outermost first; only recorded spans have names. */
export function spanNames(context: Context, ancestors: (span: object) => readonly string[]): readonly string[] {
  const span = trace.getSpan(context) as { readonly name?: unknown } | undefined;
  return typeof span?.name === "string" ? [...ancestors(span), span.name] : [];
}
