import type { Context } from "@opentelemetry/api";
import { activeContext } from "../../src/context/active.ts";
import type { BegunRun } from "../../src/instrument/operation.ts";
import type { Instance } from "../../src/recording/instance.ts";
import { activeRollup, type Rollup } from "../../src/recording/rollup.ts";
import type { Scope } from "../../src/recording/scope.ts";
import { now } from "../../src/runtime/clock.ts";

/** Maximum texts of one call that are kept, each of which the application sent in a message of its own. */
const MAX_TEXTS = 100;

/** Call that runs SQL, from when the application makes it; it may wait for the connection first. */
export class Run implements BegunRun {
  readonly start: bigint;
  scope: Scope | null = null;
  rollup: Rollup | null;
  readonly parent: Context | undefined;
  /** When it got the connection. */
  granted = 0n;
  /** When its first message was sent; from then on it blocks the event loop. */
  #sent: bigint | undefined;
  #text: string | undefined;
  #texts = 1;

  /** @param start when the application made the call, if that was before */
  constructor(start: bigint = now()) {
    this.start = start;
    this.rollup = activeRollup();
    this.parent = this.rollup === null ? undefined : activeContext();
  }

  /** Begins it, now that no other runs. */
  begin({ scope }: Instance, granted: bigint = now()): void {
    this.granted = granted;
    this.scope = scope;
    if (scope !== null) this.rollup = scope.outer;
  }

  get isUnsent(): boolean {
    return this.#sent === undefined;
  }

  /** Notes a text that a message runs. */
  sends(text: string | undefined): void {
    this.#sent ??= now();
    if (this.#text === undefined) this.#text = text;
    else if (text !== undefined && ++this.#texts < MAX_TEXTS) this.#text += `;\n${text}`;
  }

  /** What it ran; undefined if it sent nothing. */
  get text(): string | undefined {
    return this.#text;
  }

  /** Nanoseconds for which it blocked the event loop up to a time. */
  blockedUntil(end: bigint): number {
    return this.#sent === undefined ? 0 : Number(end - this.#sent);
  }
}
