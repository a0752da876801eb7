import { Console } from "node:console";
import { context, isSpanContextValid, logs, trace, type AnyValue, type Context } from "@opentelemetry/api";
import { ATTR_LOG_SAMPLING_DROPPED } from "../../semconv/index.ts";
import { SEVERITY, type LogLevel } from "../config/log-level.ts";
import { lineMaker, type Line } from "./json-line.ts";
import type { Logger } from "./logger.ts";
import { escapeControls } from "../runtime/control-characters.ts";
import { environmentOf, logSettings, type LogSettings } from "./loggers.ts";
import { prettyLine } from "./pretty-line.ts";
import { SCHEMA } from "../runtime/package-info.ts";
import { fieldsOf, createRecord, type LogRecord } from "./record.ts";
import { canonical } from "../context/log-fields.ts";

/** Writes a record of a logger, as a line and over OTLP. */
// oxlint-disable-next-line max-params -- an object for each call would have to be collected
export function writeRecord(logger: Logger, level: LogLevel, message: unknown, details: unknown): void {
  const active = context.active();
  if (!isKept(level, active)) {
    logger.dropped++;
    return;
  }
  const fields = canonical(fieldsOf(details));
  const { dropped, subsystem } = logger;
  logger.dropped = 0;
  if (dropped > 0) fields[ATTR_LOG_SAMPLING_DROPPED] = dropped;
  const record = createRecord({ level, subsystem, message, fields, context: active });
  writeLine(record);
  emitRecord(record);
}

/** Tells whether sampling keeps a record. It drops no severe record, and keeps or drops all records of a trace. */
function isKept(level: LogLevel, active: Context): boolean {
  const share = shareOf(logSettings());
  if (share === 1 || SEVERITY[level] >= SEVERITY.warn) return true;
  const spanContext = trace.getSpanContext(active);
  const isTraced = spanContext !== undefined && isSpanContextValid(spanContext);
  const chance = isTraced ? parseInt(spanContext.traceId.slice(-8), 16) / 2 ** 32 : Math.random();
  return chance < share;
}

function shareOf(settings: LogSettings): number {
  const { logSampling } = settings.config;
  const environment = String(environmentOf(settings));
  return (Object.hasOwn(logSampling, environment) ? logSampling[environment] : logSampling[""]) ?? 1;
}

/** Exports a record over OTLP, if the export of log records is enabled. */
export function emitRecord({ time, level, subsystem, message, eventName, attributes, context }: LogRecord): void {
  logs.getLogger(subsystem, undefined, SCHEMA).emit({
    timestamp: time,
    severityNumber: SEVERITY[level],
    severityText: level.toUpperCase(),
    body: message,
    attributes: attributes as Record<string, AnyValue>,
    context,
    ...(eventName === undefined ? undefined : { eventName }),
  });
}

interface Output {
  readonly settings: LogSettings;
  readonly write: (record: LogRecord) => void;
}

let output: Output | undefined;

/** Writes a record to standard output, if that is enabled. */
export function writeLine(record: LogRecord): void {
  const settings = logSettings();
  if (output?.settings !== settings) output = { settings, write: createOutput(settings) };
  output.write(record);
}

const FORMATS: Readonly<Record<"json" | "pretty", (line: Line) => string>> = {
  json: jsonLine,
  pretty: prettyLine,
};

/** Formats a line as JSON. The remaining characters that control a terminal or an editor are escaped as well. */
function jsonLine(line: Line): string {
  return escapeControls(JSON.stringify(line));
}

function createOutput(settings: LogSettings): (record: LogRecord) => void {
  const { logFormat } = settings.config;
  if (logFormat === "none") return () => {};
  const chosen = logFormat === "auto" ? (process.stdout.isTTY ? "pretty" : "json") : logFormat;
  const format = FORMATS[chosen];
  const lineOf = lineMaker(settings);
  // Through a console, so that lines keep their order among the application's own output, and fail in the same way if
  // the stream has no reader.
  const out = new Console(process.stdout);
  return (record) => out.log(format(lineOf(record)));
}
