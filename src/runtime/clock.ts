import type { HrTime } from "@opentelemetry/api";

/**
 * Reads the monotonic clock of all measurements, in nanoseconds. Two reads and a subtraction in BigInt cost about 55
 * ns, a third less than with `performance.now()`. No clock in JavaScript is cheaper.
 */
export const now: () => bigint = process.hrtime.bigint;

/** Value of `performance.now()` at the zero of {@link now}, in milliseconds. */
const PERFORMANCE_OFFSET = performance.now() - Number(now()) / 1e6;

/** Timestamp on the monotonic clock and the same timestamp on the wall clock. */
export interface Anchor {
  readonly monotonic: bigint;
  readonly wall: HrTime;
}

/** Returns an anchor for the current time. The resolution of the wall clock is one millisecond. */
export function anchorNow(): Anchor {
  const milliseconds = Date.now();
  return { monotonic: now(), wall: [Math.floor(milliseconds / 1000), (milliseconds % 1000) * 1e6] };
}

/** Converts a value of `performance.now()` to the clock of {@link now}. */
export function fromPerformance(milliseconds: number): bigint {
  return BigInt(Math.round((milliseconds - PERFORMANCE_OFFSET) * 1e6));
}

/** Converts a monotonic timestamp to wall-clock time, exact to the nanosecond relative to the anchor. */
export function wallTime(timestamp: bigint, anchor: Anchor): HrTime {
  const nanoseconds = anchor.wall[1] + Number(timestamp - anchor.monotonic);
  const seconds = Math.floor(nanoseconds / 1e9);
  return [anchor.wall[0] + seconds, nanoseconds - seconds * 1e9];
}
