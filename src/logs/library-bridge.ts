import { context, isSpanContextValid, logs, trace, type AnyValue, type Context } from "@opentelemetry/api";
import {
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
  ATTR_REQUEST_CORRELATION_ID,
  ATTR_REQUEST_ID,
} from "../../semconv/index.ts";
import { givenIds } from "../context/correlation.ts";
import type { Probe } from "../instrument/probe.ts";
import type { AnyFunction } from "../instrument/wrap.ts";
import { relativeFrames } from "../runtime/describe-error.ts";
import { SCHEMA } from "../runtime/package-info.ts";
import { plainValue } from "../input/plain-value.ts";
import { noFields } from "../context/log-fields.ts";

/** Fields that are added to a record of a logging library. */
export type RecordIds = Readonly<Record<string, string>>;

/** Record of a logging library that is about to be written. */
export interface ForeignRecord {
  /** The name of the logger, or else of the library. */
  readonly scope: string;
  /** Milliseconds of the wall clock, or a time as text. */
  readonly time: unknown;
  /** The library's name of the level. */
  readonly level: string;
  /** Severity number of OpenTelemetry, 1 to 24. */
  readonly severity: number;
  readonly body: unknown;
  readonly fields: Readonly<Record<string, unknown>>;
  /** An error in the record, as the library wrote it. */
  readonly error?: unknown;
}

/** Interface for the patch of a logging library. */
export class LogBridge {
  /** True if records are exported over OTLP as well. */
  readonly isSent: boolean;
  readonly #probe: Probe;

  constructor(probe: Probe, isSent: boolean) {
    this.#probe = probe;
    this.isSent = isSent;
  }

  /** Replaces a method of a prototype, own or inherited, by the wrapper that `make` returns, once. */
  wrap(prototype: object, name: PropertyKey, make: (original: AnyFunction) => AnyFunction): void {
    if (!Object.hasOwn(prototype, name)) {
      const value = (prototype as Record<PropertyKey, unknown>)[name];
      // The same flags as a method of a class.
      Object.defineProperty(prototype, name, { value, configurable: true, enumerable: false, writable: true });
    }
    this.#probe.wrap(prototype, name, make);
  }

  /** Runs internal code, unless it has failed before; its failure does not reach the application. */
  attempt(code: () => void): void {
    if (this.#probe.guard.enabled) this.#probe.attempt(code);
  }

  /**
   * Returns the fields that correlate a record written now with its trace and request, if any.
   * @param isTaken tells whether the application has set a field of that name itself, which is kept
   */
  ids(isTaken: (name: string) => boolean): RecordIds {
    const active = context.active();
    const spanContext = trace.getSpanContext(active);
    const { correlation, request } = givenIds(active);
    const ids: Record<string, string> = {};
    // A span id of one trace with the id of another trace would be misleading.
    if (spanContext !== undefined && isSpanContextValid(spanContext) && !isTaken("trace_id")) {
      ids["trace_id"] = spanContext.traceId;
      ids["span_id"] = spanContext.spanId;
      ids["trace_flags"] = `0${spanContext.traceFlags.toString(16)}`.slice(-2);
    }
    if (correlation !== undefined && !isTaken("correlation_id")) ids["correlation_id"] = correlation;
    if (request !== undefined && !isTaken("request_id")) ids["request_id"] = request;
    return ids;
  }

  /** Exports a record over OTLP. */
  send(record: ForeignRecord, where: Context = context.active()): void {
    const { correlation, request } = givenIds(where);
    const attributes = noFields();
    attributes[ATTR_REQUEST_CORRELATION_ID] = correlation;
    attributes[ATTR_REQUEST_ID] = request;
    for (const name in record.fields) attributes[name] = plainValue(record.fields[name]);
    Object.assign(attributes, errorAttributes(record.error));
    logs.getLogger(record.scope, undefined, SCHEMA).emit({
      timestamp: timeOf(record.time),
      severityNumber: record.severity,
      severityText: record.level.toUpperCase(),
      body: plainValue(record.body) as AnyValue,
      attributes: attributes as Record<string, AnyValue>,
      context: where,
    });
  }
}

function timeOf(time: unknown): number {
  const milliseconds = typeof time === "number" ? time : new Date(String(time)).getTime();
  return Number.isFinite(milliseconds) ? milliseconds : Date.now();
}

/** Converts an error that a library wrote as an object; each library has its own field names. */
function errorAttributes(error: unknown): Record<string, unknown> {
  if (typeof error !== "object" || error === null) return {};
  const { type, name, message, stack } = error as Record<string, unknown>;
  return {
    [ATTR_EXCEPTION_TYPE]: type ?? name,
    [ATTR_EXCEPTION_MESSAGE]: message,
    [ATTR_EXCEPTION_STACKTRACE]: typeof stack === "string" ? relativeFrames(stack) : undefined,
  };
}
