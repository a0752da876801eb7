import type { StorageStallReason } from "../../semconv/index.ts";
import type { LogReports } from "../lsm/runs.ts";

/** Line that says that writes are stopped. */
interface Stop {
  readonly time: bigint;
  readonly thread: string;
}

interface OpenStall {
  readonly reason: StorageStallReason;
  readonly start: bigint;
  stops: Stop[];
}

/** Column families whose stalls are followed, and lines of one stall that are remembered. */
const MAX_STALLS = 64;
const MAX_STOPS = 32;

/**
 * Stalls of a database. The log says when writes are stopped, and says it again while they are; they go on after the
 * flush or the compaction that removed the reason.
 */
export class Stalls {
  readonly #reports: LogReports;
  /** By column family. */
  readonly #open = new Map<string, OpenStall>();

  constructor(reports: LogReports) {
    this.#reports = reports;
  }

  get starts(): readonly bigint[] {
    return Array.from(this.#open.values(), ({ start }) => start);
  }

  stopped(family: string, reason: StorageStallReason, stop: Stop): void {
    const stall = this.#open.get(family);
    if (stall?.reason === reason) {
      if (stall.stops.length < MAX_STOPS) stall.stops.push(stop);
      return;
    }
    if (stall !== undefined) this.#end(family, stall, stop.time);
    this.#begin(family, reason, [stop]);
  }

  /**
   * Notes that a flush or a compaction has ended.
   * @param removed tells whether it can remove a reason
   */
  released(family: string, removed: (reason: StorageStallReason) => boolean, { time, thread }: Stop): void {
    const stall = this.#open.get(family);
    if (stall === undefined || !removed(stall.reason) || stall.start > time) return;
    // Lines are written later than what they say: these may have been before or after it.
    const after = stall.stops.filter((stop) => stop.time >= time);
    // The thread that ended its work says at once that writes are still stopped.
    if (after.some((stop) => stop.thread === thread)) {
      stall.stops = after;
      return;
    }
    this.#end(family, stall, time);
    if (after.length > 0) this.#begin(family, stall.reason, after);
  }

  clear(): void {
    this.#open.clear();
  }

  #begin(family: string, reason: StorageStallReason, stops: Stop[]): void {
    if (this.#open.size >= MAX_STALLS) return;
    this.#open.set(family, { reason, start: stops[0]!.time, stops });
    this.#reports.stalling(reason);
  }

  #end(family: string, { reason, start }: OpenStall, end: bigint): void {
    this.#open.delete(family);
    this.#reports.stalled({ reason, start, end });
  }
}
