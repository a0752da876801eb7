import { boolean, choice, headerName, list, option } from "./option.ts";
import { levels, shares } from "./log-option-kinds.ts";

/** Settings of logging. */
export const LOG_OPTIONS = {
  logLevels: option(
    "STRATASCOPE_LOG_LEVELS",
    levels,
    {},
    "The least urgent records loggers write, for all and by subsystem: `info,api=debug,db.sqlite=off`. Otherwise `debug` where `deployment.environment.name` is `local` or `development`, and `info`.",
  ),
  logFormat: option(
    "STRATASCOPE_LOG_FORMAT",
    choice("auto", "json", "pretty", "none"),
    "auto",
    "How loggers write records to standard output: a line of JSON, for people, or not at all; `auto` is for people on a terminal and JSON elsewhere.",
  ),
  logNames: option(
    "STRATASCOPE_LOG_NAMES",
    choice("short", "otel"),
    "short",
    "The names of fields in these lines: `service`, `org_id`, `error.stack`, or those of OpenTelemetry.",
  ),
  logOmit: option(
    "STRATASCOPE_LOG_OMIT",
    list,
    [],
    "Fields that are left out of every record, in lines and over OTLP, by either name: `ip,user_id,scope`.",
  ),
  logSampling: option(
    "STRATASCOPE_LOG_SAMPLING",
    shares,
    {},
    "The share of records below `warn` that is kept, for all and by `deployment.environment.name`: `1,production=0.1`. Those of one trace are kept or left out together.",
  ),
  logRequests: option(
    "STRATASCOPE_LOG_REQUESTS",
    boolean,
    false,
    "Whether a record is written of each request that was served, with its route, duration and outcome; by the subsystem `http`.",
  ),
  logLibraries: option(
    "STRATASCOPE_LOG_LIBRARIES",
    choice("correlation", "otlp", "off"),
    "correlation",
    "What is done for pino, winston and bunyan: trace, span and correlation ids in their records, the records over OTLP as well, or nothing.",
  ),
  crashes: option(
    "STRATASCOPE_CRASHES",
    choice("on", "without-message", "off"),
    "on",
    "Whether an error that nobody handles becomes a log record, and whether its message does.",
  ),
  correlationHeader: option(
    "STRATASCOPE_CORRELATION_HEADER",
    headerName,
    "x-correlation-id",
    "The header a correlation id comes in and goes out with.",
  ),
  requestIdHeader: option(
    "STRATASCOPE_REQUEST_ID_HEADER",
    headerName,
    "x-request-id",
    "The header the id of a request comes in with.",
  ),
  correlationResponse: option(
    "STRATASCOPE_CORRELATION_RESPONSE",
    boolean,
    false,
    "Whether responses carry the correlation id and the id of the request in these headers.",
  ),
};
