import { context, createContextKey, type Context } from "@opentelemetry/api";
import { ATTR_REQUEST_DURATION } from "../../semconv/index.ts";
import { servedRequest } from "./request.ts";
import { countCut } from "../input/cut-values.ts";
import { fieldAttribute, toSeconds } from "./field-names.ts";
import { UNREADABLE } from "../input/plain-value.ts";

/**
 * Fields of a record beside its message. Known names are those of a request or job: `org_id`, `project_id`, `user_id`,
 * `ip`, `route`, `duration_ms`, `outcome`, `source`, `request_id`, `correlation_id`; or OpenTelemetry's, such as
 * `tenant.id`. Any other name is the application's own.
 */
export interface LogFields {
  readonly [name: string]: unknown;
  /** Error whose type, message and stack become fields. */
  readonly error?: unknown;
  /** Event name, which makes the record an event. */
  readonly event_name?: string;
}

/** Fields under the names of OpenTelemetry. */
export type ScopeFields = Record<string, unknown>;

// Context key of the fields, the same in every copy of this package.
const FIELDS = createContextKey("stratascope.log_fields");

/** Creates an empty object for fields, in which `__proto__` is a name like any other. */
export const noFields = (): ScopeFields => Object.create(null) as ScopeFields;

/**
 * Converts fields to the names and units in which they are stored. Never throws: a getter that throws costs only its
 * own field.
 */
export function canonical(fields: LogFields): ScopeFields {
  const kept = noFields();
  for (const name of namesOf(fields)) {
    const attribute = fieldAttribute(name);
    const isMilliseconds = attribute === ATTR_REQUEST_DURATION && name !== attribute;
    const value = valueOf(fields, name);
    kept[attribute] = isMilliseconds ? toSeconds(value) : value;
  }
  return kept;
}

function namesOf(fields: LogFields): readonly string[] {
  try {
    return Object.keys(fields);
  } catch {
    countCut("unreadable");
    return [];
  }
}

function valueOf(fields: LogFields, name: string): unknown {
  try {
    return fields[name];
  } catch {
    countCut("unreadable");
    return UNREADABLE;
  }
}

/**
 * Runs a function all of whose records carry the fields, at any depth and at any later time: for example those of a job
 * or a tenant. A `correlation_id` among them is sent with every request and message in that time.
 */
export function withLogFields<T>(fields: LogFields, run: () => T): T {
  const active = context.active();
  const own = Object.assign(noFields(), active.getValue(FIELDS), canonical(fields));
  return context.with(active.setValue(FIELDS, own), run);
}

/**
 * Adds fields to all later records of the function given to {@link withLogFields}, or else of the request that is
 * served: for example the user, once it is authenticated. Does nothing outside of both.
 */
export function addLogFields(fields: LogFields): void {
  const active = context.active();
  const scope = active.getValue(FIELDS) as ScopeFields | undefined;
  const request = servedRequest(active);
  if (scope !== undefined) Object.assign(scope, canonical(fields));
  else if (request !== undefined) request.logFields = Object.assign(noFields(), request.logFields, canonical(fields));
}

/** Returns the fields that the application has set for its current work, the innermost first. */
export function fieldsAround(where: Context): readonly ScopeFields[] {
  const scope = where.getValue(FIELDS) as ScopeFields | undefined;
  const ofRequest = servedRequest(where)?.logFields;
  return [scope, ofRequest].filter((fields) => fields !== undefined);
}
