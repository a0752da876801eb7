/** Milliseconds SQLite waits before each attempt to acquire a held lock; the last delay repeats. */
const DELAYS = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100];

/**
 * Returns the number of retries SQLite made in a wait of a given duration: its delays are fixed, see
 * `sqliteDefaultBusyCallback`.
 */
export function retriesIn(nanoseconds: number): number {
  let left = nanoseconds / 1e6;
  let retries = 0;
  for (;;) {
    left -= DELAYS[Math.min(retries, DELAYS.length - 1)]!;
    if (left < 0) return retries;
    retries++;
  }
}
