import {
  ATTR_CLIENT_ADDRESS,
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_HTTP_ROUTE,
  ATTR_LOG_SAMPLING_DROPPED,
  ATTR_REQUEST_CORRELATION_ID,
  ATTR_REQUEST_DURATION,
  ATTR_REQUEST_ID,
  ATTR_REQUEST_OUTCOME,
  ATTR_REQUEST_SOURCE,
  ATTR_TENANT_ID,
  ATTR_TENANT_PROJECT_ID,
  ATTR_USER_ID,
} from "../../semconv/index.ts";

/** Fields that describe the service in each line, with their names in OpenTelemetry. */
const OF_SERVICE: Readonly<Record<string, string>> = {
  service: "service.name",
  version: "service.version",
  instance: "service.instance.id",
  environment: "deployment.environment.name",
};

/** Resource attributes that each line contains. */
export const SERVICE_ATTRIBUTES: readonly string[] = Object.values(OF_SERVICE);

/** Names of fields in log calls and lines, with their names in OpenTelemetry. */
const OF_RECORD: Readonly<Record<string, string>> = {
  correlation_id: ATTR_REQUEST_CORRELATION_ID,
  request_id: ATTR_REQUEST_ID,
  org_id: ATTR_TENANT_ID,
  project_id: ATTR_TENANT_PROJECT_ID,
  user_id: ATTR_USER_ID,
  ip: ATTR_CLIENT_ADDRESS,
  route: ATTR_HTTP_ROUTE,
  duration_ms: ATTR_REQUEST_DURATION,
  outcome: ATTR_REQUEST_OUTCOME,
  source: ATTR_REQUEST_SOURCE,
  dropped: ATTR_LOG_SAMPLING_DROPPED,
  "error.type": ATTR_ERROR_TYPE,
  "error.message": ATTR_EXCEPTION_MESSAGE,
  "error.stack": ATTR_EXCEPTION_STACKTRACE,
};

const FIELDS = new Map(Object.entries(OF_RECORD));
const ALL = Object.entries({ ...OF_SERVICE, ...OF_RECORD });
const ATTRIBUTES = new Map(ALL);
const SHORT = new Map(ALL.map(([short, attribute]) => [attribute, short]));

/** Returns the attribute for a field of a record. */
export const fieldAttribute = (field: string): string => FIELDS.get(field) ?? field;

/** Returns the attribute for any name in lines. */
export const attributeOf = (name: string): string => ATTRIBUTES.get(name) ?? name;

/** Returns the name of an attribute in lines. */
export const shortNameOf = (attribute: string): string => SHORT.get(attribute) ?? attribute;

/** Fields that a line has for the record as a whole; the application cannot set them. */
export const RESERVED: ReadonlySet<string> = new Set([
  "timestamp",
  "level",
  "severity_number",
  "message",
  "event_name",
  "trace_id",
  "span_id",
  "trace_flags",
  "spans",
  "scope",
  "thread.id",
  "thread.name",
  ...Object.keys(OF_SERVICE),
  ...SERVICE_ATTRIBUTES,
]);

/** Converts the milliseconds of lines to the seconds of OTLP. */
export const toSeconds = (milliseconds: unknown): unknown =>
  typeof milliseconds === "number" ? milliseconds / 1000 : milliseconds;

/** Converts seconds to milliseconds, rounded to the nanosecond, as division and multiplication leave a remainder. */
export const toMilliseconds = (seconds: unknown): unknown =>
  typeof seconds === "number" ? Math.round(seconds * 1e9) / 1e6 : seconds;
