/** Maximum number of characters of a message that are read; that of the result follows. */
const MAX_READ = 2_000;
const MAX_LENGTH = 200;

/** Patterns that must not occur in a public message, and their replacements. */
const HIDDEN: readonly (readonly [RegExp, string])[] = [
  // The password of a URL.
  [/(\/\/)[^/@\s]+@/g, "$1"],
  // An absolute path, except for its last segment.
  [/(^|[^\w/:.])(?:[A-Za-z]:)?(?:[\\/][^\\/\s:"']+)+[\\/]([^\\/\s])/g, "$1…/$2"],
];

/** Returns a message without line breaks, passwords and absolute paths; only the first line of a stack is kept. */
export function redactMessage(message: string): string {
  const [line = ""] = message
    .slice(0, MAX_READ)
    .trim()
    .split(/[\r\n]/, 1);
  return HIDDEN.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line).slice(0, MAX_LENGTH);
}
