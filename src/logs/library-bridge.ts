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
import { plain } from "../input/plain-value.ts";
import { noFields } from "../context/log-fields.ts";

/** What is added to a record of a library's. */
export type RecordIds = Readonly<Record<string, string>>;

/** A record of a library's, as that is about to write it. */
export interface ForeignRecord {
  /** The name of the logger; the library's where it has none. */
  readonly scope: string;
  /** Milliseconds of the wall clock, or a time as text. */
  readonly time: unknown;
  /** The library's own name for the level. */
  readonly level: string;
  /** 1 to 24, as OpenTelemetry counts. */
  readonly severity: number;
  readonly body: unknown;
  readonly fields: Readonly<Record<string, unknown>>;
  /** An error that is part of it, as the library wrote it. */
  readonly error?: unknown;
}

/** All that the patch of a library needs. */
export class LogBridge {
  /** Whether records go out over OTLP as well. */
  readonly isSent: boolean;
  readonly #probe: Probe;

  constructor(probe: Probe, isSent: boolean) {
    this.#probe = probe;
    this.isSent = isSent;
  }

  /** Replaces a method of a prototype, its own or one it inherits, by what `make` builds around it, once. */
  wrap(prototype: object, name: PropertyKey, make: (original: AnyFunction) => AnyFunction): void {
    if (!Object.hasOwn(prototype, name)) {
      const value = (prototype as Record<PropertyKey, unknown>)[name];
      // As a method of a class is.
      Object.defineProperty(prototype, name, { value, configurable: true, enumerable: false, writable: true });
    }
    this.#probe.wrap(prototype, name, make);
  }

  /** Runs code of ours, unless it has failed before; its failure is not the application's. */
  attempt(code: () => void): void {
    if (this.#probe.guard.enabled) this.#probe.attempt(code);
  }

  /**
   * What ties a record that is written now to what it belongs to, if anything does.
   * @param isTaken whether the application has put a field of that name there itself, which stays
   */
  ids(isTaken: (name: string) => boolean): RecordIds {
    const active = context.active();
    const spanContext = trace.getSpanContext(active);
    const { correlation, request } = givenIds(active);
    const ids: Record<string, string> = {};
    // A span of one trace and another trace would be worse than nothing.
    if (spanContext !== undefined && isSpanContextValid(spanContext) && !isTaken("trace_id")) {
      ids["trace_id"] = spanContext.traceId;
      ids["span_id"] = spanContext.spanId;
      ids["trace_flags"] = `0${spanContext.traceFlags.toString(16)}`.slice(-2);
    }
    if (correlation !== undefined && !isTaken("correlation_id")) ids["correlation_id"] = correlation;
    if (request !== undefined && !isTaken("request_id")) ids["request_id"] = request;
    return ids;
  }

  /** Sends a record over OTLP. */
  send(record: ForeignRecord, where: Context = context.active()): void {
    const { correlation, request } = givenIds(where);
    const attributes = noFields();
    attributes[ATTR_REQUEST_CORRELATION_ID] = correlation;
    attributes[ATTR_REQUEST_ID] = request;
    for (const name in record.fields) attributes[name] = plain(record.fields[name]);
    Object.assign(attributes, errorAttributes(record.error));
    logs.getLogger(record.scope).emit({
      timestamp: timeOf(record.time),
      severityNumber: record.severity,
      severityText: record.level.toUpperCase(),
      body: plain(record.body) as AnyValue,
      attributes: attributes as Record<string, AnyValue>,
      context: where,
    });
  }
}

function timeOf(time: unknown): number {
  const milliseconds = typeof time === "number" ? time : new Date(String(time)).getTime();
  return Number.isFinite(milliseconds) ? milliseconds : Date.now();
}

/** Libraries write an error as an object, each with names of its own for the same. */
function errorAttributes(error: unknown): Record<string, unknown> {
  if (typeof error !== "object" || error === null) return {};
  const { type, name, message, stack } = error as Record<string, unknown>;
  return {
    [ATTR_EXCEPTION_TYPE]: type ?? name,
    [ATTR_EXCEPTION_MESSAGE]: message,
    [ATTR_EXCEPTION_STACKTRACE]: typeof stack === "string" ? relativeFrames(stack) : undefined,
  };
}
