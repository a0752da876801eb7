/** Fields of errors. */
interface Named {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
}

const isNamed = (value: unknown, name: string): boolean =>
  typeof value === "object" && value !== null && (value as Named).name === name;

/**
 * The time that was over, where that is why a request was given up: an `AbortSignal.timeout` is no cancellation by the
 * caller.
 */
export function timeoutOf(error: unknown): unknown {
  if (isNamed(error, "TimeoutError")) return error;
  const cause = typeof error === "object" && error !== null ? (error as Named).cause : undefined;
  return isNamed(cause, "TimeoutError") ? cause : undefined;
}

/** Whether an error says that the caller did not want the response any more, which is no failure. */
export const isCancellation = (error: unknown): boolean =>
  isNamed(error, "AbortError") && timeoutOf(error) === undefined;
