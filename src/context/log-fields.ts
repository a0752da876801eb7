import { context, createContextKey, type Context } from "@opentelemetry/api";
import { ATTR_REQUEST_DURATION } from "../../semconv/index.ts";
import { servedRequest } from "./request.ts";
import { countCut } from "../input/cut-values.ts";
import { fieldAttribute, toSeconds } from "./field-names.ts";
import { UNREADABLE } from "../input/plain-value.ts";

/**
 * What a record says beside its message. Names that are known are those of a request or job: `org_id`, `project_id`,
 * `user_id`, `ip`, `route`, `duration_ms`, `outcome`, `source`, `request_id`, `correlation_id`; or OpenTelemetry's,
 * such as `tenant.id`. Any other is the application's own.
 */
export interface LogFields {
  readonly [name: string]: unknown;
  /** What went wrong: its type, message and stack become fields. */
  readonly error?: unknown;
  /** Makes the record an event of this name. */
  readonly event_name?: string;
}

/** Fields under the names of OpenTelemetry. */
export type ScopeFields = Record<string, unknown>;

// The same in every copy of this package.
const FIELDS = createContextKey("stratascope.log_fields");

/** Makes a place for fields, in which `__proto__` is a name like any other. */
export const noFields = (): ScopeFields => Object.create(null) as ScopeFields;

/** Reads fields as they are kept, with the units they are kept in. Never throws: a getter that does costs its own field. */
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
 * Runs a function all of whose records carry fields, however deep and late: those of a job, of a tenant. A
 * `correlation_id` among them goes out with every request and message sent meanwhile.
 */
export function withLogFields<T>(fields: LogFields, run: () => T): T {
  const active = context.active();
  const own = Object.assign(noFields(), active.getValue(FIELDS), canonical(fields));
  return context.with(active.setValue(FIELDS, own), run);
}

/**
 * Adds fields to all later records of the function given to {@link withLogFields}, or else of the request that is
 * served: what is known once a user is authenticated. Does nothing outside of both.
 */
export function addLogFields(fields: LogFields): void {
  const active = context.active();
  const scope = active.getValue(FIELDS) as ScopeFields | undefined;
  const request = servedRequest(active);
  if (scope !== undefined) Object.assign(scope, canonical(fields));
  else if (request !== undefined) request.logFields = Object.assign(noFields(), request.logFields, canonical(fields));
}

/** What the application said of what it is doing, the nearest first. */
export function fieldsAround(where: Context): readonly ScopeFields[] {
  const scope = where.getValue(FIELDS) as ScopeFields | undefined;
  const ofRequest = servedRequest(where)?.logFields;
  return [scope, ofRequest].filter((fields) => fields !== undefined);
}
