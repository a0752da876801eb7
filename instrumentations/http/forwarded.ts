/** Maximum length of a header that is parsed; the part beyond it was added by the proxies closest to this process. */
const MAX_HEADER = 4096;

const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Parameter of the first hop that has it. */
interface Parameter {
  readonly value: string;
  /** The scheme of the request to that hop. */
  readonly proto: string | undefined;
}

/** Finds the first hop of a `Forwarded` header in which the parameter is present and not empty. */
export function forwardedParameter(header: string, name: string): Parameter | undefined {
  const text = header.length > MAX_HEADER ? header.slice(0, MAX_HEADER) : header;
  let value = "";
  let proto: string | undefined;
  for (let start = 0; start < text.length;) {
    const end = endOfPair(text, start);
    const [key, content] = readPair(text.slice(start, end));
    if (key === name) value = content;
    if (key === "proto") proto = content;
    const isLastOfHop = end >= text.length || text.charCodeAt(end) === COMMA;
    if (isLastOfHop && value !== "") return { value, proto };
    if (isLastOfHop) proto = undefined;
    start = end + 1;
  }
  return undefined;
}

/** Returns the index of the next `;` or `,` outside of quotes. */
function endOfPair(text: string, start: number): number {
  let isQuoted = false;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) isQuoted = !isQuoted;
    else if (code === BACKSLASH && isQuoted) i++;
    else if (!isQuoted && (code === SEMICOLON || code === COMMA)) return i;
  }
  return text.length;
}

/** Parses a pair: `Host="a\"b"` → `host`, `a"b`. */
function readPair(pair: string): [name: string, value: string] {
  const equals = pair.indexOf("=");
  if (equals === -1) return ["", ""];
  const name = pair.slice(0, equals).trim().toLowerCase();
  const value = pair.slice(equals + 1).trim();
  if (value.charCodeAt(0) !== QUOTE) return [name, value];
  const end = value.endsWith('"') ? value.length - 1 : value.length;
  return [name, value.slice(1, end).replace(/\\(.)/gs, "$1")];
}
