/** Milliseconds SQLite waits before each try to get a lock that is held; from then on it is the last of them each time. */
const DELAYS = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100];

/** How often SQLite has tried again in a wait that long: its delays are fixed, see `sqliteDefaultBusyCallback`. */
export function retriesIn(nanoseconds: number): number {
  let left = nanoseconds / 1e6;
  let retries = 0;
  for (;;) {
    left -= DELAYS[Math.min(retries, DELAYS.length - 1)]!;
    if (left < 0) return retries;
    retries++;
  }
}
