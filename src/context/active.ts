import {
  ROOT_CONTEXT,
  type Context,
  type ContextManager,
  type TextMapPropagator,
  type TracerProvider,
} from "@opentelemetry/api";

/** What is registered with the API of OpenTelemetry. */
export interface Registered {
  readonly trace?: TracerProvider;
  readonly context?: ContextManager;
  readonly propagation?: TextMapPropagator;
}

/** Where all copies of version 1 of the API keep that, so that each finds what any of them was given. */
export const PLACE: unique symbol = Symbol.for("opentelemetry.js.api.1");

let place: Registered | undefined;
const NOTHING: Registered = {};

/** What is registered at the moment; to ask the API itself costs as much as a tenth of what is done for a short operation. */
export function registered(): Registered {
  return (place ??= (globalThis as { [PLACE]?: Registered })[PLACE]) ?? NOTHING;
}

/** The active context, from where it is kept. */
export const activeContext = (): Context => registered().context?.active() ?? ROOT_CONTEXT;
