import { CONTENT_TYPES, SIGNALS, type Batch, type ContentType, type Signal } from "../batch.ts";

/** Maximum bytes of a line beside its body. */
const LINE_BYTES = 256;

/**
 * Start and minimum length of a valid line, as a quick check: rejecting invalid JSON by parsing takes long for each
 * line.
 */
const BEGINNING = '{"signal":"';
const MIN_LENGTH = 70;

/** Returns the maximum bytes of a batch in a file. */
export const lineBytes = ({ body }: Pick<Batch, "body">): number => 4 * Math.ceil(body.length / 3) + LINE_BYTES;

/** Serializes a batch as one line of JSON, so that a defect in one place breaks only one batch. */
export function lineOf({ signal, contentType, items, time, body }: Batch): string {
  return `${JSON.stringify({ signal, contentType, items, time, body: Buffer.from(body).toString("base64") })}\n`;
}

/** Parses the batches of a file, and counts its invalid lines. */
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
  // Each item takes at least one byte. A larger number would falsify the counters.
  if (body.length === 0 || items > body.length) return undefined;
  return { signal: signal as Signal, contentType: contentType as ContentType, items, time, body };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
