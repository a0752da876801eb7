import { guard } from "./guard.ts";
import type { IncomingMessage } from "node:http";
import { oneLine } from "../../config/index.ts";
import { SERIALIZERS } from "./encoders.ts";
import type { Answer, Batch } from "../batch.ts";

/** What OTLP says to send again. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Bytes of a body that are read: a response says less in far less. */
const MAX_BODY_BYTES = 64 * 1024;
/** Milliseconds for which the rest of a body is waited for: what counts has been said by the status. */
const MAX_BODY_MS = 500;

/** Characters of what a Collector says that are repeated. */
const MAX_TEXT = 200;

/** Reads what became of a batch. The status decides; what of the body does not arrive, or is not understood, changes nothing of it. */
export async function readAnswer(response: IncomingMessage, batch: Batch): Promise<Answer> {
  const { statusCode = 0, headers } = response;
  const body = await bodyOf(response);
  if (statusCode >= 200 && statusCode < 300) return acceptance(decoded(body, headers["content-encoding"]), batch);
  if (RETRYABLE.has(statusCode))
    return { outcome: "later", reason: answeredWith(statusCode), afterMilliseconds: waitOf(headers["retry-after"]) };
  const isRedirect = statusCode >= 300 && statusCode < 400 && headers.location !== undefined;
  return refusal(statusCode, isRedirect ? `, a redirect to ${hostOf(headers.location!)} that is not followed` : "");
}

export const refusal = (statusCode: number, more = ""): Answer => ({
  outcome: "refused",
  reason: `${answeredWith(statusCode)}${more}`,
  errorType: String(statusCode),
});

const answeredWith = (statusCode: number): string => `it was answered with ${statusCode}`;

/** Says where a redirect leads, without what may be secret in it. */
function hostOf(location: string): string {
  const url = location.length <= MAX_TEXT && URL.canParse(location) ? new URL(location) : undefined;
  return url === undefined ? "another path" : url.host;
}

/** Reads what arrives of a body, within bounds, and closes the connection where that is not all. */
async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const late = setTimeout(() => guard.attempt(() => response.destroy()), MAX_BODY_MS).unref();
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) break;
      chunks.push(chunk);
    }
  } catch {
    // Closed in the middle.
  }
  clearTimeout(late);
  return Buffer.concat(chunks);
}

/** Decompresses a body where a Collector compresses without being asked to. */
function decoded(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding !== "gzip") return body;
  try {
    return process.getBuiltinModule("node:zlib").gunzipSync(body, { maxOutputLength: MAX_BODY_BYTES });
  } catch {
    return Buffer.alloc(0);
  }
}

/** A Collector that accepts a batch may still take items out; one that answers something else has accepted it all. */
function acceptance(body: Buffer, { signal, contentType, items }: Batch): Answer {
  try {
    const { partialSuccess } = SERIALIZERS[contentType][signal].deserializeResponse(body);
    const { rejectedSpans, rejectedDataPoints, rejectedLogRecords, errorMessage } = partialSuccess ?? {};
    const rejected = countOf(rejectedSpans ?? rejectedDataPoints ?? rejectedLogRecords, items);
    return { outcome: "accepted", rejected, message: textOf(errorMessage) };
  } catch {
    return { outcome: "accepted", rejected: 0 };
  }
}

/** Reads a number of items, of which there cannot be more than were sent. */
function countOf(value: unknown, items: number): number {
  const count = Math.floor(Number(value ?? 0));
  return count > 0 ? Math.min(count, items) : 0;
}

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? oneLine(value.slice(0, MAX_TEXT)) : undefined;

const HTTP_DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/** Reads `Retry-After` in milliseconds: it holds whole seconds or a date. One that asks for no wait says nothing. */
function waitOf(header = ""): number | undefined {
  const seconds = /^\d{1,20}$/.test(header) ? Number(header) : 0;
  const wait = HTTP_DATE.test(header) ? Date.parse(header) - Date.now() : seconds * 1000;
  return wait > 0 ? wait : undefined;
}
