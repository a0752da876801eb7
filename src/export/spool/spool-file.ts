import { CONTENT_TYPES, SIGNALS, type Batch, type ContentType, type Signal } from "../batch.ts";

/** Bytes of a line beside those of the body, at most. */
const LINE_BYTES = 256;

/** How a line of ours begins, and how long it is at least: to find out that text is no JSON takes long for each line. */
const BEGINNING = '{"signal":"';
const MIN_LENGTH = 70;

/** Bytes a batch takes in a file, at most. */
export const lineBytes = ({ body }: Pick<Batch, "body">): number => 4 * Math.ceil(body.length / 3) + LINE_BYTES;

/** Writes a batch as one line of JSON, so that what is broken in one place breaks one batch. */
export function lineOf({ signal, contentType, items, time, body }: Batch): string {
  return `${JSON.stringify({ signal, contentType, items, time, body: Buffer.from(body).toString("base64") })}\n`;
}

/** The batches of a file, and how many of its lines are none. */
export function batchesOf(text: string): { batches: Batch[]; unreadable: number } {
  const lines = text.split("\n").filter((line) => line !== "");
  const batches = lines.map(batchOf).filter((batch) => batch !== undefined);
  return { batches, unreadable: lines.length - batches.length };
}

function batchOf(line: string): Batch | undefined {
  if (line.length < MIN_LENGTH || !line.startsWith(BEGINNING)) return undefined;
  let read: Partial<Record<keyof Batch, unknown>> | null;
  try {
    read = JSON.parse(line) as typeof read;
  } catch {
    return undefined;
  }
  const { signal, contentType, items, time, body: encoded } = read ?? {};
  if (!SIGNALS.includes(signal as Signal) || !CONTENT_TYPES.includes(contentType as ContentType)) return undefined;
  if (typeof encoded !== "string" || !isCount(items) || !isCount(time)) return undefined;
  const body = Buffer.from(encoded, "base64");
  // Each item takes a byte at least; what says otherwise would spoil what is counted.
  if (body.length === 0 || items > body.length) return undefined;
  return { signal: signal as Signal, contentType: contentType as ContentType, items, time, body };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
