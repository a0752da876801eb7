import { setTimeout as wait } from "node:timers/promises";

interface Polling {
  /** Milliseconds between two checks. */
  readonly every?: number;
}

/** Polls until a condition is true; one that throws fails at once. Otherwise only the timeout of the test ends it. */
export async function eventually(holds: () => unknown, { every = 20 }: Polling = {}): Promise<void> {
  while (!(await holds())) await wait(every);
}

/** As `eventually`, until there is a value. @returns the first one that is not undefined */
export async function eventuallyDefined<T>(
  get: () => T | undefined | Promise<T | undefined>,
  { every = 20 }: Polling = {},
): Promise<T> {
  for (;;) {
    const value = await get();
    if (value !== undefined) return value;
    await wait(every);
  }
}
