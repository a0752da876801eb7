import { BoundedMap } from "../files/bounded-map.ts";

/** Types of the messages to PostgreSQL that name or run SQL: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const QUERY = 0x51;
const PARSE = 0x50;
const BIND = 0x42;
const EXECUTE = 0x45;

/** Maximum statements and portals of a connection that are kept. */
const MAX_NAMES = 1_000;
/** Maximum characters of a text that is kept for its later runs. */
const MAX_TEXT = 16_384;
/** Length of a message type and of the length that follows it. */
const HEADER = 5;

/** Statements that the application has prepared by messages of its own, under names of its own. */
export class Prepared {
  readonly #statements = new BoundedMap<string, string>(MAX_NAMES);
  /** Texts by the portal in which a statement is bound. */
  readonly #portals = new BoundedMap<string, string>(MAX_NAMES);

  /** Returns the texts that messages run, in order; those of unknown statements are empty. */
  read(messages: Uint8Array): string[] {
    const ran: string[] = [];
    const bytes = Buffer.from(messages.buffer, messages.byteOffset, messages.byteLength);
    for (let at = 0; at + HEADER <= bytes.length;) {
      const end = at + 1 + Math.max(4, bytes.readInt32BE(at + 1));
      const strings = new Strings(bytes, at + HEADER, Math.min(end, bytes.length));
      this.#read(bytes[at]!, strings, ran);
      at = end;
    }
    return ran;
  }

  #read(type: number, strings: Strings, ran: string[]): void {
    if (type === QUERY) ran.push(strings.next());
    else if (type === PARSE) this.#statements.set(strings.next(), strings.next().slice(0, MAX_TEXT));
    else if (type === BIND) this.#portals.set(strings.next(), this.#statements.get(strings.next()) ?? "");
    else if (type === EXECUTE) ran.push(this.#portals.get(strings.next()) ?? "");
  }
}

/** Returns the text of the first message of a call of PGlite itself, which parses or runs it. */
export function textIn(messages: Uint8Array): string | undefined {
  const [type] = messages;
  if (type !== QUERY && type !== PARSE) return undefined;
  const bytes = Buffer.from(messages.buffer, messages.byteOffset, messages.byteLength);
  const strings = new Strings(bytes, HEADER, bytes.length);
  if (type === PARSE) strings.next();
  return strings.next();
}

/** Reader of strings that end with a zero byte. */
class Strings {
  readonly #bytes: Buffer;
  #at: number;
  readonly #end: number;

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  next(): string {
    const zero = this.#bytes.indexOf(0, this.#at);
    const end = zero === -1 || zero > this.#end ? this.#end : zero;
    const text = this.#bytes.toString("utf8", this.#at, end);
    this.#at = end + 1;
    return text;
  }
}
