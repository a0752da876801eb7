/** Characters of a message that are read, and that it may have. */
const MAX_READ = 2_000;
const MAX_LENGTH = 200;

/** What a message for anybody who asks must not have, and what it has instead. */
const HIDDEN: readonly (readonly [RegExp, string])[] = [
  // The password of a URL.
  [/(\/\/)[^/@\s]+@/g, "$1"],
  // An absolute path, up to its last part.
  [/(^|[^\w/:.])(?:[A-Za-z]:)?(?:[\\/][^\\/\s:"']+)+[\\/]([^\\/\s])/g, "$1…/$2"],
];

/** A message without line breaks, passwords and absolute paths: a stack ends with its first line. */
export function plain(message: string): string {
  const [line = ""] = message
    .slice(0, MAX_READ)
    .trim()
    .split(/[\r\n]/, 1);
  return HIDDEN.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line).slice(0, MAX_LENGTH);
}
