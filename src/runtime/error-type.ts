const IDENTIFIER = /^[A-Za-z_$][\w$]{0,63}$/;

const named = (value: unknown): string | undefined =>
  typeof value === "string" && IDENTIFIER.test(value) ? value : undefined;

/**
 * Returns the value of `error.type`: the code of the engine, otherwise the name of the error class. Never the message,
 * which can contain values of the application.
 */
export function errorType(error: unknown): string {
  return namesOf(error, "code", "name");
}

/**
 * Returns the first property of an error that can be its type. A thrown value can be anything, and reading it can
 * throw.
 */
export function namesOf(error: unknown, ...properties: readonly string[]): string {
  if (typeof error !== "object" || error === null) return "_OTHER";
  for (const property of properties) {
    try {
      const name = named((error as Record<string, unknown>)[property]);
      if (name !== undefined) return name;
    } catch {
      // Try the next property.
    }
  }
  return "_OTHER";
}
