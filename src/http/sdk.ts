import { context } from "@opentelemetry/api";
import { registered } from "../registered.ts";
import { lookAt } from "./headers.ts";
import { keepContextsIn, type Contexts } from "./messages.ts";
import { decideBy, type Head } from "./span.ts";

/** What is known of the SDK, where it is ours; it can be asked directly then, at less cost than through the API. */
export interface KnownSdk {
  /** Decides which spans are recorded; without one the provider's sampler does, with all attributes. */
  readonly head?: Head;
  /** What keeps the active context. */
  readonly contexts?: Contexts;
  /** The headers in which the propagator finds all it looks for. */
  readonly carriers?: readonly string[];
}

/** What was registered when that became known. */
let before = registered();

/** Has an SDK asked directly, for as long as it is the one that is registered. */
export function askDirectly({ head, contexts = context, carriers }: KnownSdk): void {
  before = { ...registered() };
  decideBy(head);
  keepContextsIn(contexts);
  lookAt(carriers);
}

/** To be called before an SDK is asked: the application may have registered another one. */
export function checkSdk(): void {
  const now = registered();
  if (now.trace !== before.trace || now.context !== before.context || now.propagation !== before.propagation)
    askDirectly({});
}
