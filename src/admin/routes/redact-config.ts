import { isAbsolute, basename } from "node:path";
import type { Config } from "../../config/index.ts";
import { OPTIONS } from "../../config/index.ts";

const REDACTED = "[redacted]";

/** Pattern of attribute and header names whose values are secret. */
const SECRET_NAME = /secret|token|passw|credential|auth|api[-_.]?key|private|session|cookie/i;

/** Returns the effective settings by variable, without secrets and the locations of files. */
export function redactedConfig(config: Config): Record<string, unknown> {
  const names = Object.keys(OPTIONS) as (keyof Config)[];
  return Object.fromEntries(
    names.map((name) => {
      const { variable, kind } = OPTIONS[name];
      return [variable, kind.isSecret === true && !isEmpty(config[name]) ? REDACTED : redacted(config[name])];
    }),
  );
}

const isEmpty = (value: unknown): boolean => value === undefined || value === "";

function redacted(value: unknown): unknown {
  if (typeof value === "string") return redactedText(value);
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== "object" || value === null) return value === Infinity ? null : value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, SECRET_NAME.test(name) ? REDACTED : redacted(each)]),
  );
}

/** Returns a URL without user, password, query and fragment, or the last segment of a path. */
function redactedText(text: string): string {
  if (/^[a-z][a-z+.-]*:\/\//i.test(text) && URL.canParse(text)) {
    const { protocol, host, pathname } = new URL(text);
    return `${protocol}//${host}${pathname}`;
  }
  // Rules can be written inline in the variable, on several lines.
  if (/[\n{]/.test(text)) return "[inline]";
  return isAbsolute(text) ? `…/${basename(text)}` : text;
}
