import type { IncomingMessage, ServerResponse } from "node:http";
import type { Attributes, Context } from "@opentelemetry/api";
import { getRPCMetadata, type RPCMetadata } from "@opentelemetry/core";

/** A request the application answers, as it is found from whatever runs because of it. */
export interface ServedRequest extends RPCMetadata {
  readonly request: IncomingMessage;
  /** What the application said of it on the way. */
  logFields?: Record<string, unknown>;
}

/** The request a context belongs to. */
export function servedRequest(context: Context): ServedRequest | undefined {
  const found = getRPCMetadata(context) as Partial<ServedRequest> | undefined;
  // Instrumentation of others leaves such a thing as well, without a request.
  return found?.request === undefined ? undefined : (found as ServedRequest);
}

/** The context of a listener that has thrown, until whatever becomes of the error has happened. */
export const throwing: { context: Context | undefined } = { context: undefined };

/** How a request ended. */
export interface CompletedRequest {
  readonly context: Context;
  readonly nanoseconds: number;
  /** Its method and status, and its error if it failed. */
  readonly attributes: Attributes;
  readonly route: string | undefined;
}

/** Told of each request that is served; nobody is, unless a setting asks for it. */
export const requestListeners: {
  began?: (response: ServerResponse, context: Context) => void;
  completed?: (completed: CompletedRequest) => void;
} = {};
