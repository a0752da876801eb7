import { context, SpanKind, SpanStatusCode, type Attributes, type Context, type Span } from "@opentelemetry/api";
import {
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_OPERATION_BATCH_SIZE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_SUMMARY,
  ATTR_DB_QUERY_TEXT,
  ATTR_DB_RESPONSE_RETURNED_ROWS,
  ATTR_ERROR_TYPE,
} from "../../semconv/index.ts";
import { wallTime, type Anchor } from "../clock.ts";
import type { Database } from "../database.ts";
import { OperationKind, type LayerRun, type OperationInfo } from "../operation-info.ts";
import { spanPolicy } from "./policy.ts";
import { tracer } from "./tracer.ts";

/** One run of an operation. */
export interface FinishedRun {
  readonly start: bigint;
  readonly nanoseconds: number;
  readonly rows: number;
  /** `error.type` of a run that failed. */
  readonly failure: string | undefined;
}

/** What something that happens in a database at this moment is inside of. */
export const surroundings = (database: Database): Context => database.enclosing?.context() ?? context.active();

/** Builds the span of a run after it ended, with its true start and end, as a child of the span it was summed up on. */
export function recordSpan(
  operation: { info: OperationInfo; database: Database },
  anchor: Anchor,
  run: FinishedRun,
): Span {
  const { info, database } = operation;
  const span = tracer.startSpan(
    info.summary,
    {
      kind: SpanKind.CLIENT,
      startTime: wallTime(run.start, anchor),
      attributes: operationAttributes(info, database, run),
    },
    surroundings(database),
  );
  if (run.failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(wallTime(run.start + BigInt(run.nanoseconds), anchor));
  return span;
}

/**
 * Builds the span of something a layer saw happen, with its true start and end, where a span records.
 * @param attributes beside those of the database
 */
export function recordLayerSpan(database: Database, name: string, attributes: Attributes, run: LayerRun): void {
  const { start, nanoseconds, failure, rollup } = run;
  if (rollup === null || !spanPolicy.layers) return;
  const options = { startTime: wallTime(start, rollup.anchor), attributes: { ...database.attributes, ...attributes } };
  const span = tracer.startSpan(name, options, run.parent ?? surroundings(database));
  if (failure !== undefined) span.setAttribute(ATTR_ERROR_TYPE, failure).setStatus({ code: SpanStatusCode.ERROR });
  span.end(wallTime(start + BigInt(Math.round(nanoseconds)), rollup.anchor));
}

/** What is said of one run, beside what it took. */
export function operationAttributes(
  info: OperationInfo,
  database: Database,
  { rows, failure }: Pick<FinishedRun, "rows" | "failure">,
): Attributes {
  const attributes = statementAttributes(info, database);
  if (info.kind === OperationKind.READ && failure === undefined) attributes[ATTR_DB_RESPONSE_RETURNED_ROWS] = rows;
  if (failure !== undefined) attributes[ATTR_ERROR_TYPE] = failure;
  return attributes;
}

/** What is said of every run of an operation. */
export function statementAttributes(info: OperationInfo, database: Database): Attributes {
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
