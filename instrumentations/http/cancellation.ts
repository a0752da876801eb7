/** Error with an optional name. */
interface Named {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
}

const isNamed = (value: unknown, name: string): boolean =>
  typeof value === "object" && value !== null && (value as Named).name === name;

/**
 * Returns the timeout error that made the caller give up, if any: `AbortSignal.timeout` is not a cancellation by the
 * caller.
 */
export function timeoutOf(error: unknown): unknown {
  if (isNamed(error, "TimeoutError")) return error;
  const cause = typeof error === "object" && error !== null ? (error as Named).cause : undefined;
  return isNamed(cause, "TimeoutError") ? cause : undefined;
}

/** Tells whether an error means that the caller no longer wanted the response, which is not a failure. */
export const isCancellation = (error: unknown): boolean =>
  isNamed(error, "AbortError") && timeoutOf(error) === undefined;
