import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import type { Attributes, Context } from "@opentelemetry/api";
import { getRPCMetadata, type RPCMetadata } from "@opentelemetry/core";
import { guard } from "./guard.ts";
import { removeOwnFramesLater } from "../own-frames.ts";
import type { ReceivedRequest } from "./received-request.ts";

/** A request the application answers, as it is found from whatever runs because of it, also after it is over. */
export interface ServedRequest extends RPCMetadata {
  /** The value of a header of those that are kept; see {@link keepHeaders}. */
  header(name: string): IncomingHttpHeaders[string];
  /** Who asked. */
  clientAddress(): string | undefined;
  /** The route the application matched, as far as it is known. */
  matchedRoute(): string | undefined;
  /** What the application said of it on the way. */
  logFields?: Record<string, unknown>;
}

/** The request a context belongs to. */
export function servedRequest(context: Context): ServedRequest | undefined {
  const found = getRPCMetadata(context) as Partial<ServedRequest> | undefined;
  // Instrumentation of others leaves such a thing as well, without a request.
  return found?.matchedRoute === undefined ? undefined : (found as ServedRequest);
}

const keptHeaders = ["forwarded", "x-forwarded-for"];

/** Has headers of each request kept for the records of what goes on after it is over. */
export function keepHeaders(...names: readonly string[]): void {
  for (const name of names) if (!keptHeaders.includes(name)) keptHeaders.push(name);
}

/**
 * What of a request is kept once it is over. Timers and promises it left behind live on with its context; the request
 * and the response, with all that frameworks put on them, do not.
 */
export class RequestRemains {
  readonly remoteAddress: string | undefined;
  readonly route: string | undefined;
  readonly #headers: Map<string, IncomingHttpHeaders[string]> | undefined;

  constructor({ headers, socket }: ReceivedRequest, route: string | undefined) {
    this.route = route;
    this.remoteAddress = socket?.remoteAddress;
    for (const name of keptHeaders) {
      if (headers[name] !== undefined) (this.#headers ??= new Map()).set(name, headers[name]);
    }
  }

  header(name: string): IncomingHttpHeaders[string] {
    return this.#headers?.get(name);
  }
}

/** The context of a listener that has thrown, until whatever becomes of the error has happened. */
export const throwing: { context: Context | undefined } = { context: undefined };

/** A listener has thrown: where the process is told of the error, its stack is that without us. */
export const keepStack = (): void => learnError(removeOwnFramesLater());

/**
 * A listener has thrown: until whatever becomes of the error has happened, its context is known. Where the process is
 * told of the error, its stack is that without us.
 */
export function hasThrown(where: Context): void {
  throwing.context = where;
  learnError(removeOwnFramesLater(), () => {
    throwing.context = undefined;
  });
}

/**
 * Reports the error that a listener has thrown once the process is told of it.
 * @param after called when that has happened, or whoever emitted the event has caught the error
 */
export function learnError(learned: (error: unknown) => void, after?: () => void): void {
  const learn = guard.callback(learned);
  // Before the error is recorded, and other frames of ours are left out.
  process.prependOnceListener("uncaughtExceptionMonitor", learn);
  process.nextTick(
    guard.callback(() => {
      process.removeListener("uncaughtExceptionMonitor", learn);
      after?.();
    }),
  );
}

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
