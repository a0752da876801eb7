import {
  ATTR_DB_QUERY_SUMMARY,
  ATTR_DB_RESPONSE_RETURNED_ROWS,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_STORAGE_ROLLUP_OPERATIONS,
  ATTR_STORAGE_ROLLUP_OTHER_OPERATIONS,
  ATTR_STORAGE_ROLLUP_OTHER_TIME,
  ATTR_STORAGE_ROLLUP_PREPARE_OPERATIONS,
  ATTR_STORAGE_ROLLUP_PREPARE_TIME,
  ATTR_STORAGE_ROLLUP_READ_OPERATIONS,
  ATTR_STORAGE_ROLLUP_READ_TIME,
  ATTR_STORAGE_ROLLUP_ROWS,
  ATTR_STORAGE_ROLLUP_TIME,
  ATTR_STORAGE_ROLLUP_TRANSACTION_OPERATIONS,
  ATTR_STORAGE_ROLLUP_TRANSACTION_TIME,
  ATTR_STORAGE_ROLLUP_WRITE_OPERATIONS,
  ATTR_STORAGE_ROLLUP_WRITE_TIME,
  ATTR_STORAGE_TRANSACTION_MODE,
  ATTR_STORAGE_TRANSACTION_OUTCOME,
  ATTR_URL_PATH,
  ATTR_URL_QUERY,
} from "../../../semconv/index.ts";
import type { Attributes } from "../receiver/otlp.ts";
import type { Span, Trace } from "../receiver/traces.ts";
import { counted, cut, duration } from "./units.ts";

const KINDS = [
  [ATTR_STORAGE_ROLLUP_READ_OPERATIONS, ATTR_STORAGE_ROLLUP_READ_TIME, "read", "reads"],
  [ATTR_STORAGE_ROLLUP_WRITE_OPERATIONS, ATTR_STORAGE_ROLLUP_WRITE_TIME, "write", "writes"],
  [ATTR_STORAGE_ROLLUP_TRANSACTION_OPERATIONS, ATTR_STORAGE_ROLLUP_TRANSACTION_TIME, "begin/end", "begin/end"],
  [ATTR_STORAGE_ROLLUP_PREPARE_OPERATIONS, ATTR_STORAGE_ROLLUP_PREPARE_TIME, "compiled", "compiled"],
  [ATTR_STORAGE_ROLLUP_OTHER_OPERATIONS, ATTR_STORAGE_ROLLUP_OTHER_TIME, "other", "others"],
] as const;

const INDENT = " ".repeat(10);
const WIDTH = 110;
const MAX_INNER = 3;

/** A request, what it did in storage, and the spans inside it, as lines of text. */
export function formatTrace({ id, request, inner }: Trace): string[] {
  const { attributes } = request;
  const target = [attributes[ATTR_URL_PATH], attributes[ATTR_URL_QUERY]].filter(Boolean).join("?").replace("??", "?");
  const answer = `${attributes[ATTR_HTTP_REQUEST_METHOD]} ${target} → ${attributes[ATTR_HTTP_RESPONSE_STATUS_CODE]}`;
  const first = `${duration(request.duration).padStart(8)}  ${cut(answer, 64).padEnd(64)}  ${id}`;
  const spans = inner.toSorted((a, b) => b.duration - a.duration).slice(0, MAX_INNER);
  const details = [formatStorage(attributes), spans.map(formatInner).join("; ")].filter((text) => text !== "");
  return [first, ...details.map((text) => cut(INDENT + text, WIDTH))];
}

/** `51 operations, 420 rows, 83 ms in storage: 48 reads 61 ms, 3 writes 22 ms` */
function formatStorage(attributes: Attributes): string {
  const number = (name: string): number => Number(attributes[name] ?? 0);
  const operations = number(ATTR_STORAGE_ROLLUP_OPERATIONS);
  if (operations === 0) return "nothing in storage";
  const total = `${counted(operations, "operation")}, ${counted(number(ATTR_STORAGE_ROLLUP_ROWS), "row")}`;
  const kinds = KINDS.filter(([count]) => number(count) > 0).map(([count, time, one, many]) => {
    return `${counted(number(count), one, many)} ${duration(number(time))}`;
  });
  return `${total}, ${duration(number(ATTR_STORAGE_ROLLUP_TIME))} in storage: ${kinds.join(", ")}`;
}

/** A transaction and how it ended, or a statement that was slow or failed. */
function formatInner({ name, duration: seconds, attributes }: Span): string {
  const mode = attributes[ATTR_STORAGE_TRANSACTION_MODE];
  const failure = attributes[ATTR_ERROR_TYPE];
  const rows = attributes[ATTR_DB_RESPONSE_RETURNED_ROWS];
  const what =
    mode === undefined
      ? (attributes[ATTR_DB_QUERY_SUMMARY] ?? name)
      : `${mode} transaction, ends in ${attributes[ATTR_STORAGE_TRANSACTION_OUTCOME]} after`;
  return [
    `${what} ${duration(seconds)}`,
    ...(failure === undefined ? [] : [` (${failure})`]),
    ...(rows === undefined ? [] : [`, ${counted(Number(rows), "row")}`]),
  ].join("");
}
