import { boolean, choice, headerName, list, option } from "./option.ts";
import { levels, ratios } from "./log-option-kinds.ts";

/** Settings of logging. */
export const LOG_OPTIONS = {
  logLevels: option(
    "STRATASCOPE_LOG_LEVELS",
    levels,
    {},
    "Minimum level of the records loggers write, for all and by subsystem: `info,api=debug,db.sqlite=off`. Defaults to `debug` if `deployment.environment.name` is `local` or `development`, otherwise to `info`.",
  ),
  logFormat: option(
    "STRATASCOPE_LOG_FORMAT",
    choice("auto", "json", "pretty", "none"),
    "auto",
    "Format in which loggers write records to standard output: `json` lines, `pretty` text, or `none`; `auto` is `pretty` on a terminal and `json` elsewhere.",
  ),
  logNames: option(
    "STRATASCOPE_LOG_NAMES",
    choice("short", "otel"),
    "short",
    "Names of the fields in these lines: `short` ones such as `service`, `org_id` and `error.stack`, or those of OpenTelemetry with `otel`.",
  ),
  logOmit: option(
    "STRATASCOPE_LOG_OMIT",
    list,
    [],
    "Fields left out of every record, in lines and over OTLP, by either name: `ip,user_id,scope`.",
  ),
  logSampling: option(
    "STRATASCOPE_LOG_SAMPLING",
    ratios,
    {},
    "Ratio of records below `warn` that are kept, for all and by `deployment.environment.name`: `1,production=0.1`. Records of one trace are kept or dropped together.",
  ),
  logRequests: option(
    "STRATASCOPE_LOG_REQUESTS",
    boolean,
    false,
    "Writes a record of each served request with its route, duration and outcome, in the subsystem `http`.",
  ),
  logLibraries: option(
    "STRATASCOPE_LOG_LIBRARIES",
    choice("correlation", "otlp", "off"),
    "correlation",
    "Integration with pino, winston and bunyan: `correlation` adds trace, span and correlation ids to their records, `otlp` also exports the records over OTLP, `off` does nothing.",
  ),
  crashes: option(
    "STRATASCOPE_CRASHES",
    choice("on", "without-message", "off"),
    "on",
    "Log records of unhandled errors: with the message of the error, `without-message`, or none with `off`.",
  ),
  correlationHeader: option(
    "STRATASCOPE_CORRELATION_HEADER",
    headerName,
    "x-correlation-id",
    "Header of incoming and outgoing requests that carries the correlation id.",
  ),
  requestIdHeader: option(
    "STRATASCOPE_REQUEST_ID_HEADER",
    headerName,
    "x-request-id",
    "Header of incoming requests that carries the request id.",
  ),
  correlationResponse: option(
    "STRATASCOPE_CORRELATION_RESPONSE",
    boolean,
    false,
    "Adds the correlation id and the request id to responses, in these headers.",
  ),
};
