/** Thresholds from which an operation causes an event. */
export interface FindingPolicy {
  /** Nanoseconds from which an operation is slow; Infinity for never. */
  slow: number;
  /** Uninterrupted nanoseconds from which the event loop counts as blocked; Infinity for never. */
  blocked: number;
  /** A tenth of the lower of the two, the only threshold in the hot path. */
  long: number;
  /** Nanoseconds for which a transaction or an iteration may be open; Infinity for no limit. */
  longOpen: number;
  /** Runs of one statement under one span from which it counts as repeated; 0 for never. */
  repeated: number;
}

/** Effective policy. */
export const findingPolicy: FindingPolicy = { slow: 100e6, blocked: 50e6, long: 5e6, longOpen: 1e9, repeated: 10 };

/** Sets the thresholds; 0 disables a finding. */
export function setFindingPolicy(thresholds: {
  readonly slowOperationMilliseconds: number;
  readonly blockedMilliseconds: number;
  readonly longOpenMilliseconds: number;
  readonly repeatedThreshold: number;
}): void {
  findingPolicy.slow = thresholds.slowOperationMilliseconds * 1e6 || Infinity;
  findingPolicy.blocked = thresholds.blockedMilliseconds * 1e6 || Infinity;
  findingPolicy.long = Math.min(findingPolicy.slow, findingPolicy.blocked) / 10;
  findingPolicy.longOpen = thresholds.longOpenMilliseconds * 1e6 || Infinity;
  findingPolicy.repeated = thresholds.repeatedThreshold;
}

/** Returns the part of a synchronous call that counts as blocking the event loop: all of it or nothing. */
export const blockedFor = (nanoseconds: number): number => (nanoseconds >= findingPolicy.blocked ? nanoseconds : 0);
