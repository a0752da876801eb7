import { OperationKind } from "../../src/recording/operation-kind.ts";

/** Result of one statement. */
interface Result {
  readonly rows?: { readonly length: number };
  /** Rows changed by it, and by the statements before it in the same call. */
  readonly affectedRows?: number;
  readonly command?: string;
}

/** Message of PostgreSQL, as PGlite parses it. */
interface Message {
  readonly name?: string;
  readonly text?: string;
}

/** What a call returned, as far as it is counted. */
export interface Outcome {
  readonly rows: number;
  /** True if a COMMIT was answered by a rollback. */
  readonly isRolledBack: boolean;
  /** Error that is among the results, and was not thrown. */
  readonly error?: unknown;
}

/** Returns what a call of `query` or `exec` returned; undefined for the description of a statement that did not run. */
export function outcomeOf(result: unknown, kind: OperationKind): Outcome | undefined {
  if (!Array.isArray(result)) return outcomeOfOne(result as Result | undefined, kind);
  const results = result as readonly Result[];
  const last = outcomeOfOne(results.at(-1), kind);
  if (last === undefined || kind === OperationKind.WRITE) return last;
  return { ...last, rows: results.reduce((all, { rows }) => all + (rows?.length ?? 0), 0) };
}

function outcomeOfOne(result: Result | undefined, kind: OperationKind): Outcome | undefined {
  if (result?.rows === undefined) return undefined;
  const { rows, affectedRows = 0, command } = result;
  return { rows: kind === OperationKind.WRITE ? affectedRows : rows.length, isRolledBack: command === "ROLLBACK" };
}

/** Tags of commands that end with a number of rows. */
const CHANGES = /^(?:INSERT \d+|UPDATE|DELETE|MERGE|COPY) (\d+)$/;

/** Returns what messages of the application were answered by. */
export function answerOf(messages: readonly Message[], kind: OperationKind): Outcome {
  const tags = messages.flatMap(({ name, text }) => (name === "commandComplete" && text !== undefined ? [text] : []));
  const changed = tags.reduce((all, tag) => all + Number(CHANGES.exec(tag)?.[1] ?? 0), 0);
  const read = messages.filter(({ name }) => name === "dataRow").length;
  return {
    rows: kind === OperationKind.WRITE ? changed : read,
    isRolledBack: tags.at(-1) === "ROLLBACK",
    error: messages.find(({ name }) => name === "error"),
  };
}

/** Types of the answers of PostgreSQL. */
const DATA_ROW = 0x44;
const COMPLETE = 0x43;
const FAILED = 0x45;
const HEADER = 5;

/** Returns the messages in an answer of PostgreSQL that are counted. */
export function messagesIn(answer: Uint8Array): Message[] {
  const bytes = Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength);
  const messages: Message[] = [];
  for (let at = 0; at + HEADER <= bytes.length;) {
    const end = at + 1 + Math.max(4, bytes.readInt32BE(at + 1));
    const type = bytes[at];
    if (type === DATA_ROW) messages.push(ROW);
    else if (type === COMPLETE)
      messages.push({ name: "commandComplete", text: bytes.toString("latin1", at + HEADER, end - 1) });
    else if (type === FAILED) messages.push(failureIn(bytes.subarray(at + HEADER, end)));
    at = end;
  }
  return messages;
}

const ROW: Message = { name: "dataRow" };

/** Returns an error by its SQLSTATE, the field `C`. */
function failureIn(fields: Buffer): Message & { readonly code: string } {
  for (let at = 0; at < fields.length;) {
    const end = fields.indexOf(0, at);
    if (end === -1) break;
    if (fields[at] === 0x43) return { name: "error", code: fields.toString("latin1", at + 1, end) };
    at = end + 1;
  }
  return { name: "error", code: "" };
}
