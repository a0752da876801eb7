import { ROOT_CONTEXT, SpanKind, trace, type Attributes, type Context, type Span } from "@opentelemetry/api";
import { getRPCMetadata, RPCType, type RPCMetadata } from "@opentelemetry/core";
import { activeContext } from "../../src/context/active.ts";

/** Request that the application's own instrumentation traces already, around ours. */
export interface OuterRequest {
  readonly context: Context;
  readonly span: Span;
  readonly rpc: RPCMetadata;
}

/** Finds what other instrumentation has recorded for the request that is being handled. */
export function outerRequest(): OuterRequest | undefined {
  const context = activeContext();
  if (context === ROOT_CONTEXT) return undefined;
  const rpc = getRPCMetadata(context);
  // Our own metadata belongs to a request in whose context the server was created.
  if (rpc?.type !== RPCType.HTTP || "matchedRoute" in rpc) return undefined;
  const span = trace.getSpan(context);
  return span !== undefined && span === rpc.span ? { context, span, rpc } : undefined;
}

/** Finds the span that other instrumentation has created for the call that is being made. */
export function outerCall(caller: Context): Span | undefined {
  const span = trace.getSpan(caller) as (Span & { kind?: SpanKind; attributes?: Attributes }) | undefined;
  if (span?.kind !== SpanKind.CLIENT) return undefined;
  const { attributes = {} } = span;
  return "http.request.method" in attributes || "http.method" in attributes ? span : undefined;
}

let isOurs = (): boolean => false;

/**
 * Sets how to find out whether other instrumentation is measured on the same page.
 * @param asked tells whether the metrics of other instrumentation are on our page as well
 */
export function shareMetrics(asked: () => boolean): void {
  isOurs = asked;
}

/** Tells whether other instrumentation measures a request for the same page. */
export const isMeasured = (outer: object | undefined): boolean => outer !== undefined && isOurs();
