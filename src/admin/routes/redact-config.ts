import { isAbsolute, basename } from "node:path";
import type { Config } from "../../config/index.ts";
import { OPTIONS } from "../../config/index.ts";

const REDACTED = "[redacted]";

/** Names of attributes and headers that hold what nobody may see. */
const SECRET_NAME = /secret|token|passw|credential|auth|api[-_.]?key|private|session|cookie/i;

/** The settings in force by variable, without what is secret and where files are. */
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

/** A URL without user, password, query and fragment; of a path its last part. */
function redactedText(text: string): string {
  if (/^[a-z][a-z+.-]*:\/\//i.test(text) && URL.canParse(text)) {
    const { protocol, host, pathname } = new URL(text);
    return `${protocol}//${host}${pathname}`;
  }
  // Rules can be written into the variable itself, over several lines.
  if (/[\n{]/.test(text)) return "[inline]";
  return isAbsolute(text) ? `…/${basename(text)}` : text;
}
