/** Outcomes of calls, by title. */
export type Outcomes = Readonly<Record<string, unknown>>;

/** Readable properties of each method of an object. */
export type MethodShapes = Readonly<Record<string, object>>;

/** Returns the outcome of a call: its value, or the visible properties of its error. */
export function outcomeOf(call: () => unknown): unknown {
  try {
    return { value: call() };
  } catch (error) {
    return visibleOf(error);
  }
}

/** As `outcomeOf`, of a call that may return a promise. */
export async function settledOutcomeOf(call: () => unknown): Promise<unknown> {
  try {
    return { value: await call() };
  } catch (error) {
    return visibleOf(error);
  }
}

function visibleOf(error: unknown): object {
  const { name, message, code } = error as Error & { code?: unknown };
  return { name, message, code, keys: Object.keys(error as object) };
}

export const outcomesOf = (calls: Readonly<Record<string, () => unknown>>): Outcomes =>
  Object.fromEntries(Object.entries(calls).map(([title, call]) => [title, outcomeOf(call)]));

/** Returns the name, length and flags of each method. */
export function describeMethods(target: object): MethodShapes {
  const methods = Object.entries(Object.getOwnPropertyDescriptors(target)).filter(
    ([name, { value }]) => name !== "constructor" && typeof value === "function",
  );
  return Object.fromEntries(
    methods.map(([key, { value, ...flags }]) => {
      const { name, length } = value as (...args: unknown[]) => unknown;
      return [key, { ...flags, name, length }];
    }),
  );
}
