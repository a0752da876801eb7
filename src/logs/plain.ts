import { isError } from "./error.ts";

/** A value of the application's as data that can be written: never throws, and has no cycles. */
export function plain(value: unknown): unknown {
  if (typeof value === "bigint" || typeof value === "symbol") return String(value);
  if (typeof value !== "object" || value === null) return value;
  try {
    const text = JSON.stringify(value, withoutSurprises);
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch (error) {
    return `[cannot be written: ${error instanceof Error ? error.name : "error"}]`;
  }
}

function withoutSurprises(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  // An error has no properties of its own that JSON would show.
  return isError(value) ? { type: value.name, message: value.message } : value;
}
