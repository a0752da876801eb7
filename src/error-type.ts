const IDENTIFIER = /^[A-Za-z_$][\w$]{0,63}$/;

const named = (value: unknown): string | undefined =>
  typeof value === "string" && IDENTIFIER.test(value) ? value : undefined;

/**
 * The value of `error.type`: the engine's code, otherwise the name of the error's class. Never the message,
 * which can hold values of the application.
 */
export function errorType(error: unknown): string {
  if (typeof error !== "object" || error === null) return "_OTHER";
  const { code, name } = error as { code?: unknown; name?: unknown };
  return named(code) ?? named(name) ?? "_OTHER";
}
