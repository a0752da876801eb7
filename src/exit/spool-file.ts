import type { Batch, Signal } from "../otlp/batch.ts";
import { SIGNALS } from "../otlp/batch.ts";

/** A batch in a file: one line of JSON, so that what is broken in one place breaks one batch. */
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
  let read: Partial<Record<keyof Batch, unknown>> | null;
  try {
    read = JSON.parse(line) as typeof read;
  } catch {
    return undefined;
  }
  const { signal, contentType, items, time, body } = read ?? {};
  if (!SIGNALS.includes(signal as Signal) || typeof contentType !== "string" || typeof body !== "string")
    return undefined;
  if (!Number.isSafeInteger(items) || !Number.isFinite(time) || body === "") return undefined;
  return {
    signal: signal as Signal,
    contentType,
    items: items as number,
    time: time as number,
    body: Buffer.from(body, "base64"),
  };
}
