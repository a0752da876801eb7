import { ROOT_CONTEXT, SpanKind, trace, type Attributes, type Context, type Span } from "@opentelemetry/api";
import { getRPCMetadata, RPCType, type RPCMetadata } from "@opentelemetry/core";
import { activeContext } from "../../src/context/active.ts";

/** A request that instrumentation of the application's own traces already, around ours. */
export interface OuterRequest {
  readonly context: Context;
  readonly span: Span;
  readonly rpc: RPCMetadata;
}

/** Finds what other instrumentation has made of the request that is handed over at this moment. */
export function outerRequest(): OuterRequest | undefined {
  const context = activeContext();
  if (context === ROOT_CONTEXT) return undefined;
  const rpc = getRPCMetadata(context);
  // Ours is of a request in which the server was made.
  if (rpc?.type !== RPCType.HTTP || "matchedRoute" in rpc) return undefined;
  const span = trace.getSpan(context);
  return span !== undefined && span === rpc.span ? { context, span, rpc } : undefined;
}

/** Finds the span that other instrumentation has made of the call that is made at this moment. */
export function outerCall(caller: Context): Span | undefined {
  const span = trace.getSpan(caller) as (Span & { kind?: SpanKind; attributes?: Attributes }) | undefined;
  if (span?.kind !== SpanKind.CLIENT) return undefined;
  const { attributes = {} } = span;
  return "http.request.method" in attributes || "http.method" in attributes ? span : undefined;
}

let isOurs = (): boolean => false;

/** @param asked tells whether what other instrumentation measures is on our page as well */
export function shareMetrics(asked: () => boolean): void {
  isOurs = asked;
}

/** Tells whether a request is measured by other instrumentation for the same page. */
export const isMeasured = (outer: object | undefined): boolean => outer !== undefined && isOurs();
