import type { Context } from "@opentelemetry/api";
import {
  ATTR_HEALTH_ERROR_TYPE,
  EVENT_PROCESS_ERROR_UNHANDLED,
  HEALTH_ERROR_TYPE_VALUE_UNCAUGHT_EXCEPTION,
  HEALTH_ERROR_TYPE_VALUE_UNHANDLED_REJECTION,
  METRIC_HEALTH_UNHANDLED_ERRORS,
  type HealthErrorType,
} from "../../semconv/index.ts";
import { now } from "../runtime/clock.ts";
import type { Config } from "../config/index.ts";
import { RateLimit } from "../runtime/rate-limit.ts";
import { describeError, noMessage, privateMessage } from "../runtime/describe-error.ts";
import { metricRegistry } from "../metrics/registry.ts";
import { areLoggersUsed } from "./loggers.ts";
import { createRecord } from "./record.ts";
import { emitRecord, writeLine } from "./write.ts";

const KINDS: Readonly<
  Record<NodeJS.UncaughtExceptionOrigin, { readonly type: HealthErrorType; readonly message: string }>
> = {
  uncaughtException: { type: HEALTH_ERROR_TYPE_VALUE_UNCAUGHT_EXCEPTION, message: "uncaught exception" },
  unhandledRejection: { type: HEALTH_ERROR_TYPE_VALUE_UNHANDLED_REJECTION, message: "unhandled rejection" },
};

/** Rate limit of records: if a listener of the application continues after errors, there can be many. */
const budget = new RateLimit();

/** Unhandled error, and the context it was thrown in. */
export interface Unhandled {
  readonly error: unknown;
  readonly origin: NodeJS.UncaughtExceptionOrigin;
  readonly context: Context;
  readonly crashes: Config["crashes"];
}

const errors = metricRegistry.instrument(METRIC_HEALTH_UNHANDLED_ERRORS);

/** Counts an unhandled error; without an origin, creates the series with the value zero. */
export function countUnhandled(origin?: NodeJS.UncaughtExceptionOrigin): void {
  for (const [known, { type }] of Object.entries(KINDS)) {
    errors.bind({ [ATTR_HEALTH_ERROR_TYPE]: type }).add(known === origin ? 1 : 0);
  }
}

/** Emits a log record for an unhandled error. */
export function recordUnhandled({ error, origin, context, crashes }: Unhandled): void {
  if (budget.tryAcquire(now()) === undefined) return;
  const { type, message } = KINDS[origin];
  const isHandled = process.listenerCount("uncaughtException") > 0 || process.hasUncaughtExceptionCaptureCallback();
  const record = createRecord({
    level: isHandled ? "error" : "fatal",
    subsystem: "process",
    message,
    fields: {
      event_name: EVENT_PROCESS_ERROR_UNHANDLED,
      [ATTR_HEALTH_ERROR_TYPE]: type,
      ...describeError(error, crashes === "without-message" ? noMessage : privateMessage),
    },
    context,
  });
  emitRecord(record);
  // An application that writes records expects this one among them; otherwise standard output belongs to the
  // application alone.
  if (areLoggersUsed()) writeLine(record);
}
