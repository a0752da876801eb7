/** Characters a message may have. */
const LONGEST = 200;

/** What a message for anybody who asks must not have, and what it has instead. */
const HIDDEN: readonly (readonly [RegExp, string])[] = [
  // The password of a URL.
  [/(\/\/)[^/@\s]+@/g, "$1"],
  // An absolute path, up to its last part.
  [/(?<![\w/:.])(?:[A-Za-z]:)?(?:[\\/][^\\/\s:"']+)+[\\/](?=[^\\/\s])/g, "…/"],
];

/** A message without line breaks, passwords and absolute paths: a stack ends with its first line. */
export function plain(message: string): string {
  const [line = ""] = message.trim().split(/[\r\n]/, 1);
  return HIDDEN.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line).slice(0, LONGEST);
}
