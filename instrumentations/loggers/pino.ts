import type { LogBridge, RecordIds } from "../../src/logs/library-bridge.ts";
import type { LogLibrary } from "../../src/logs/library.ts";
import { severityOf } from "./severity.ts";

/** Logger as seen by its prototype. */
type Pino = Readonly<Record<PropertyKey, unknown>> & {
  readonly levels: { readonly labels: Readonly<Record<number, string>> };
};

/** Fields that the resource reports, or that have a field of their own. */
const LEFT_OUT: ReadonlySet<string> = new Set(["level", "time", "pid", "hostname", "name", "err"]);

/**
 * pino: instruments the method that serializes a record, after every setting of the application was applied. The ids
 * are added to the line itself, so that no formatter, serializer or mixin sees them. The exported record is parsed from
 * the line, so that redaction by the application takes effect.
 */
export const pino: LogLibrary = {
  id: "pino",
  modules: [{ name: "pino", file: "lib/proto.js", versions: ["8.0.0", "11.0.0"] }],
  patch(exports, bridge) {
    const prototype = Object.getPrototypeOf((exports as () => object)()) as object;
    const asJson = symbolOf(prototype, "pino.asJson");
    const keys = new Keys();
    if (asJson === undefined) throw new TypeError("there is no method that makes lines");
    bridge.wrap(
      prototype,
      asJson,
      (original) =>
        // oxlint-disable-next-line max-params -- as pino has them
        function asJson(this: Pino, object: unknown, message: unknown, level: number, time: unknown): unknown {
          const line: unknown = Reflect.apply(original, this, [object, message, level, time]);
          let reported = line;
          if (typeof line === "string") {
            bridge.attempt(() => {
              if (bridge.isSent) send(line, level, this, keys, bridge);
              reported = withIds(
                line,
                bridge.ids((name) => hasField(line, name)),
              );
            });
          }
          return reported;
        } as never,
    );
  },
};

/** Maximum number of characters of a line that is parsed; the fields of a longer one are unknown. */
const MAX_LINE = 1_048_576;

/**
 * Parses the fields of a line. Returns undefined if the line is too long, or is not JSON, as with a custom time or
 * serializer.
 */
function parse(line: string): Record<string, unknown> | undefined {
  if (line.length > MAX_LINE) return undefined;
  try {
    const record: unknown = JSON.parse(line);
    return typeof record === "object" && record !== null ? (record as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Tells whether a line has a field already. The line is parsed only if it contains the name; a line that cannot be
 * parsed is assumed to have the field.
 */
function hasField(line: string, name: string): boolean {
  if (!line.includes(`"${name}":`)) return false;
  const record = parse(line);
  return record === undefined || Object.hasOwn(record, name);
}

/** Returns a line with the ids appended. */
function withIds(line: string, ids: RecordIds): string {
  const end = line.lastIndexOf("}");
  let added = "";
  for (const name in ids) added += `,"${name}":${JSON.stringify(ids[name])}`;
  if (added === "" || end === -1) return line;
  const isEmpty = line[end - 1] === "{";
  return line.slice(0, end) + (isEmpty ? added.slice(1) : added) + line.slice(end);
}

// oxlint-disable-next-line max-params -- the parts of one record
function send(line: string, level: number, logger: Pino, keys: Keys, bridge: LogBridge): void {
  const messageKey = keys.of(logger, "pino.messageKey", "msg");
  const record = parse(line) ?? { [messageKey]: line.slice(0, MAX_LINE).trimEnd() };
  const errorKey = keys.of(logger, "pino.errorKey", "err");
  const fields = Object.entries(record).filter(
    ([name]) => !LEFT_OUT.has(name) && name !== messageKey && name !== errorKey,
  );
  bridge.send({
    scope: typeof record["name"] === "string" ? record["name"] : "pino",
    time: record["time"],
    level: logger.levels.labels[level] ?? String(level),
    severity: severityOf(level),
    body: record[messageKey],
    fields: Object.fromEntries(fields),
    error: record[errorKey],
  });
}

/**
 * Application-defined names of the message and error fields. pino keeps them under symbols, which are distinct in each
 * copy of pino.
 */
class Keys {
  readonly #symbols = new Map<string, symbol>();

  of(logger: Pino, name: string, otherwise: string): string {
    const symbol = this.#symbols.get(name) ?? symbolOf(logger, name);
    if (symbol === undefined) return otherwise;
    this.#symbols.set(name, symbol);
    const value = logger[symbol];
    return typeof value === "string" ? value : otherwise;
  }
}

/** Returns the symbol with a given description on an object or its prototype chain. */
function symbolOf(object: object, name: string): symbol | undefined {
  for (let each: object | null = object; each !== null; each = Object.getPrototypeOf(each) as object | null) {
    const found = Object.getOwnPropertySymbols(each).find(({ description }) => description === name);
    if (found !== undefined) return found;
  }
  return undefined;
}
