import type { BackgroundWork } from "../../src/instrument/open-instances.ts";
import type { Background } from "./background.ts";

/** What waits to be compacted in an open database, and for how long. */
export class Backlog {
  /** Unix time in milliseconds since which there have been bytes to compact. */
  #since: number | undefined;

  /** Notes the bytes that wait to be compacted; undefined if they are not known. */
  note(pending: number | undefined): void {
    this.#since = (pending ?? 0) > 0 ? (this.#since ?? Date.now()) : undefined;
  }

  /** Returns the state of the background work, for the health check. */
  stateWith(background: Background): BackgroundWork {
    const { failure, lastCompaction, stalls } = background;
    const [stall] = stalls ?? [];
    return {
      failure,
      stoppedSince: stall === undefined ? undefined : Number(stall / 1_000_000n),
      waitingSince: this.#since === undefined ? undefined : Math.max(this.#since, lastCompaction ?? 0),
    };
  }
}
