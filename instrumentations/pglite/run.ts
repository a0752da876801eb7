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
  #texts: string[] | undefined;

  /** @param start when the application made the call, if that was before */
  constructor(start: bigint = now()) {
    this.start = start;
    this.rollup = activeRollup();
    this.parent = this.rollup === null ? undefined : activeContext();
  }

  /** Begins it, now that no other runs. */
  begin({ scope }: Instance): void {
    this.granted = now();
    this.scope = scope;
    if (scope !== null) this.rollup = scope.outer;
  }

  get isUnsent(): boolean {
    return this.#sent === undefined;
  }

  /** Notes the texts that a message runs. */
  sends(texts: readonly string[]): void {
    this.#sent ??= now();
    if (texts.length === 0) return;
    this.#texts ??= [];
    if (this.#texts.length < MAX_TEXTS) this.#texts.push(...texts.slice(0, MAX_TEXTS));
  }

  /** What it ran; undefined if it sent nothing. */
  get text(): string | undefined {
    return this.#texts?.length === 1 ? this.#texts[0] : this.#texts?.join(";\n");
  }

  /** Nanoseconds for which it blocked the event loop up to a time. */
  blockedUntil(end: bigint): number {
    return this.#sent === undefined ? 0 : Number(end - this.#sent);
  }
}
