import {
  ROOT_CONTEXT,
  type Context,
  type ContextManager,
  type TextMapPropagator,
  type TracerProvider,
} from "@opentelemetry/api";

/** Providers registered with the OpenTelemetry API. */
export interface RegisteredApi {
  readonly trace?: TracerProvider;
  readonly context?: ContextManager;
  readonly propagation?: TextMapPropagator;
}

/**
 * Key under which all copies of version 1 of the API store their providers, so that each copy finds what was registered
 * through any of them.
 */
export const PLACE: unique symbol = Symbol.for("opentelemetry.js.api.1");

let place: RegisteredApi | undefined;
const NOTHING: RegisteredApi = {};

/**
 * Returns the current providers. Asking the API itself would cost as much as a tenth of the work for a short operation.
 */
export function registered(): RegisteredApi {
  return (place ??= (globalThis as { [PLACE]?: RegisteredApi })[PLACE]) ?? NOTHING;
}

/** Returns the active context, directly from the context manager. */
export const activeContext = (): Context => registered().context?.active() ?? ROOT_CONTEXT;
