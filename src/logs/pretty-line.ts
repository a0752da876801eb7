import { styleText } from "node:util";
import type { Line } from "./json-line.ts";

type Style = Parameters<typeof styleText>[0];

const STYLES: Readonly<Record<string, Style>> = {
  trace: "gray",
  debug: "gray",
  info: "green",
  warn: "yellow",
  error: "red",
  fatal: ["red", "bold"],
};

/** Fields that people know already, or do not read. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "timestamp",
  "level",
  "severity_number",
  "message",
  "scope",
  "service",
  "service.name",
  "version",
  "service.version",
  "instance",
  "service.instance.id",
  "environment",
  "deployment.environment.name",
  "span_id",
  "trace_flags",
  "thread.id",
  "thread.name",
  "error.stack",
  "exception.stacktrace",
]);

/** Formats a line for people: time, severity, source and message, then the fields, and the stack below. */
export function prettyLine(line: Line): string {
  const level = String(line["level"]);
  const time = new Date(String(line["timestamp"])).toTimeString().slice(0, 8);
  const fields = Object.entries(line).filter(([name]) => !LEFT_OUT.has(name));
  const stack = line["error.stack"] ?? line["exception.stacktrace"];
  const parts = [
    styled("gray", time),
    styled(STYLES[level]!, level.toUpperCase().padEnd(5)),
    ...(line["scope"] === undefined ? [] : [styled("cyan", onOneLine(String(line["scope"])))]),
    onOneLine(String(line["message"])),
    ...fields.map(([name, value]) => styled("gray", `${onOneLine(name)}=`) + shown(value)),
  ];
  return parts.join(" ") + (typeof stack === "string" ? `\n${onLines(stack)}` : "");
}

/** Styles a text, without colours if the terminal has none, or if `NO_COLOR` is set. */
const styled = (style: Style, text: string): string => styleText(style, text);

const shown = (value: unknown): string => onOneLine(typeof value === "string" ? value : JSON.stringify(value));

/**
 * Escapes characters that move the cursor, or that reorder or hide text: logged text can come from untrusted sources.
 */
const onOneLine = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    const code = character.codePointAt(0)!;
    if (isJoiner(code)) return character;
    const escaped = JSON.stringify(character).slice(1, -1);
    return escaped === character ? `\\u{${code.toString(16)}}` : escaped;
  });

/** Tells whether a character joins others into one, as in emoji and in several scripts. */
const isJoiner = (code: number): boolean => code === 0x200c || code === 0x200d;

const onLines = (text: string): string =>
  text
    .split("\n")
    .map((line) => `  ${onOneLine(line)}`)
    .join("\n");
