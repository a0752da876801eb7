import { guard } from "./guard.ts";
import type { IncomingMessage } from "node:http";
import { oneLine } from "../../config/index.ts";
import { SERIALIZERS } from "./encoders.ts";
import type { SendResult, Batch } from "../batch.ts";

/** Status codes that are retryable according to OTLP. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Maximum bytes of a body that are read. The body of a response is far smaller. */
const MAX_BODY_BYTES = 64 * 1024;
/** Milliseconds to wait for the rest of a body. The status has already decided the result. */
const MAX_BODY_MS = 500;

/** Maximum characters of a Collector's message that are logged. */
const MAX_TEXT = 200;

/** Returns the result for a batch. The status decides; a missing or invalid body does not change the result. */
export async function readResponse(response: IncomingMessage, batch: Batch): Promise<SendResult> {
  const { statusCode = 0, headers } = response;
  const body = await bodyOf(response);
  if (statusCode >= 200 && statusCode < 300) return accepted(decoded(body, headers["content-encoding"]), batch);
  if (RETRYABLE.has(statusCode))
    return { outcome: "later", reason: answeredWith(statusCode), afterMilliseconds: waitOf(headers["retry-after"]) };
  const isRedirect = statusCode >= 300 && statusCode < 400 && headers.location !== undefined;
  return refusal(statusCode, isRedirect ? `, a redirect to ${hostOf(headers.location!)} that is not followed` : "");
}

export const refusal = (statusCode: number, more = ""): SendResult => ({
  outcome: "refused",
  reason: `${answeredWith(statusCode)}${more}`,
  errorType: String(statusCode),
});

const answeredWith = (statusCode: number): string => `it was answered with ${statusCode}`;

/** Returns the host of a redirect, without parts that may be secret. */
function hostOf(location: string): string {
  const url = location.length <= MAX_TEXT && URL.canParse(location) ? new URL(location) : undefined;
  return url === undefined ? "another path" : url.host;
}

/** Reads a body within bounds, and closes the connection if it is not complete by then. */
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
    // The connection was closed in the middle.
  }
  clearTimeout(late);
  return Buffer.concat(chunks);
}

/** Decompresses the body of a Collector that compresses without being asked to. */
function decoded(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding !== "gzip") return body;
  try {
    return process.getBuiltinModule("node:zlib").gunzipSync(body, { maxOutputLength: MAX_BODY_BYTES });
  } catch {
    return Buffer.alloc(0);
  }
}

/**
 * Reads an acceptance. A Collector that accepts a batch may still reject items; a body of another form means that it
 * has accepted all.
 */
function accepted(body: Buffer, { signal, contentType, items }: Batch): SendResult {
  try {
    const { partialSuccess } = SERIALIZERS[contentType][signal].deserializeResponse(body);
    const { rejectedSpans, rejectedDataPoints, rejectedLogRecords, errorMessage } = partialSuccess ?? {};
    const rejected = countOf(rejectedSpans ?? rejectedDataPoints ?? rejectedLogRecords, items);
    return { outcome: "accepted", rejected, message: textOf(errorMessage) };
  } catch {
    return { outcome: "accepted", rejected: 0 };
  }
}

/** Returns the number of rejected items, at most the number that were sent. */
function countOf(value: unknown, items: number): number {
  const count = Math.floor(Number(value ?? 0));
  return count > 0 ? Math.min(count, items) : 0;
}

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? oneLine(value.slice(0, MAX_TEXT)) : undefined;

const HTTP_DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/**
 * Converts `Retry-After` to milliseconds: it contains whole seconds or a date. Returns undefined if it asks for no
 * wait.
 */
function waitOf(header = ""): number | undefined {
  const seconds = /^\d{1,20}$/.test(header) ? Number(header) : 0;
  const wait = HTTP_DATE.test(header) ? Date.parse(header) - Date.now() : seconds * 1000;
  return wait > 0 ? wait : undefined;
}
