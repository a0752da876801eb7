const IDENTIFIER = /^[A-Za-z_$][\w$]{0,63}$/;

const named = (value: unknown): string | undefined =>
  typeof value === "string" && IDENTIFIER.test(value) ? value : undefined;

/**
 * The value of `error.type`: the engine's code, otherwise the name of the error's class. Never the message,
 * which can hold values of the application.
 */
export function errorType(error: unknown): string {
  return namesOf(error, "code", "name");
}

/** The first property of an error that can be its type. What was thrown can be anything, and can throw when it is read. */
export function namesOf(error: unknown, ...properties: readonly string[]): string {
  if (typeof error !== "object" || error === null) return "_OTHER";
  for (const property of properties) {
    try {
      const name = named((error as Record<string, unknown>)[property]);
      if (name !== undefined) return name;
    } catch {
      // The next one.
    }
  }
  return "_OTHER";
}
