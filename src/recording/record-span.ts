import { context, type Attributes, type Context } from "@opentelemetry/api";
import {
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_OPERATION_BATCH_SIZE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_SUMMARY,
  ATTR_DB_QUERY_TEXT,
  ATTR_DB_RESPONSE_RETURNED_ROWS,
  ATTR_ERROR_TYPE,
  ATTR_STORAGE_OPERATION_SCANNED_ROWS,
  SPAN_DB_CLIENT,
} from "../../semconv/index.ts";
import type { Anchor } from "../runtime/clock.ts";
import type { Identity, Instance } from "./instance.ts";
import type { FinishedRun, OperationInfo } from "./operation-info.ts";
import { OperationKind } from "./operation-kind.ts";
import { spanKindOf } from "../spans/kind.ts";
import { openSpan, type OpenSpan } from "../spans/writer.ts";

/** Returns the context of an operation that runs in an instance now. */
export const contextIn = (database: Instance<Identity>): Context => database.scope?.context() ?? context.active();

/**
 * Creates the span of a run after it ended, with its actual start and end, as a child of the span it was summed up on.
 */
export function recordSpan(
  { info, database }: { info: OperationInfo; database: Instance },
  anchor: Anchor,
  run: FinishedRun,
): OpenSpan {
  const { start, nanoseconds, failure, parent = contextIn(database) } = run;
  const attributes = operationAttributes(info, database, run);
  const name = SPAN_DB_CLIENT.name(attributes);
  const span = openSpan({ name, kind: spanKindOf(SPAN_DB_CLIENT), start, anchor, parent });
  span.end({ nanoseconds, attributes, isFailed: failure !== undefined });
  return span;
}

/** Returns the attributes of one run, except for its duration. */
export function operationAttributes(
  info: OperationInfo,
  database: Instance,
  { rows, failure, scanned }: Pick<FinishedRun, "rows" | "failure" | "scanned">,
): Attributes {
  const attributes = statementAttributes(info, database);
  if (info.kind === OperationKind.READ && failure === undefined) attributes[ATTR_DB_RESPONSE_RETURNED_ROWS] = rows;
  if (scanned !== undefined) attributes[ATTR_STORAGE_OPERATION_SCANNED_ROWS] = scanned;
  if (failure !== undefined) attributes[ATTR_ERROR_TYPE] = failure;
  return attributes;
}

/** Returns the attributes that all runs of an operation share. */
export function statementAttributes(info: OperationInfo, database: Instance): Attributes {
  const attributes: Attributes = {
    ...database.attributes,
    [ATTR_DB_OPERATION_NAME]: info.name,
    [ATTR_DB_QUERY_SUMMARY]: info.summary,
  };
  if (info.collection !== undefined) attributes[ATTR_DB_COLLECTION_NAME] = info.collection;
  if (info.text !== undefined) attributes[ATTR_DB_QUERY_TEXT] = info.text();
  if (info.batchSize !== undefined) attributes[ATTR_DB_OPERATION_BATCH_SIZE] = info.batchSize;
  return attributes;
}
