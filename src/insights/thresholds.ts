/** From when on an operation is worth an event. */
export interface FindingPolicy {
  /** Nanoseconds from which an operation is slow; Infinity for never. */
  slow: number;
  /** Nanoseconds without a break from which the event loop counts as blocked; Infinity for never. */
  blocked: number;
  /** A tenth of the lower of the two: all that the hot path compares with. */
  long: number;
  /** Nanoseconds for which a transaction or an iteration may be open; Infinity for any time. */
  held: number;
  /** Runs of one statement under one span from which they are repeated; 0 for never. */
  repeated: number;
}

/** The policy in force. */
export const findingPolicy: FindingPolicy = { slow: 100e6, blocked: 50e6, long: 5e6, held: 1e9, repeated: 10 };

/** 0 turns a finding off. */
export function setFindingPolicy(thresholds: {
  readonly slowOperationMilliseconds: number;
  readonly blockedMilliseconds: number;
  readonly longOpenMilliseconds: number;
  readonly repeatedThreshold: number;
}): void {
  findingPolicy.slow = thresholds.slowOperationMilliseconds * 1e6 || Infinity;
  findingPolicy.blocked = thresholds.blockedMilliseconds * 1e6 || Infinity;
  findingPolicy.long = Math.min(findingPolicy.slow, findingPolicy.blocked) / 10;
  findingPolicy.held = thresholds.longOpenMilliseconds * 1e6 || Infinity;
  findingPolicy.repeated = thresholds.repeatedThreshold;
}

/** What of a synchronous call blocked the event loop for long: all of it or nothing. */
export const blockedFor = (nanoseconds: number): number => (nanoseconds >= findingPolicy.blocked ? nanoseconds : 0);
