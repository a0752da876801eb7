import type { LogBridge, RecordIds } from "../../src/logs/library-bridge.ts";
import type { LogLibrary } from "../../src/logs/library.ts";
import { severityOf } from "./severity.ts";

/** A logger as its prototype sees it. */
type Pino = Readonly<Record<PropertyKey, unknown>> & {
  readonly levels: { readonly labels: Readonly<Record<number, string>> };
};

/** What is said by the resource, or has a place of its own. */
const LEFT_OUT: ReadonlySet<string> = new Set(["level", "time", "pid", "hostname", "name", "err"]);

/**
 * pino: the method that makes the line of a record, behind all that the application can set. The ids are put into
 * the line itself, so that no formatter, serializer or mixin sees anything new; what is sent is what the line says, so
 * that what the application redacts stays redacted.
 */
export const pino: LogLibrary = {
  id: "pino",
  module: "pino",
  file: "lib/proto.js",
  versions: ["8.0.0", "11.0.0"],
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
          let told = line;
          if (typeof line === "string") {
            bridge.attempt(() => {
              if (bridge.isSent) send(line, level, this, keys, bridge);
              told = withIds(
                line,
                bridge.ids((name) => hasField(line, name)),
              );
            });
          }
          return told;
        } as never,
    );
  },
};

/** Characters of a line that is read again; of a longer one, fields are not known. */
const MAX_LINE = 1_048_576;

/** Reads the fields of a line; undefined where it is no JSON, as an own time or serializer can make it, or too long. */
function parse(line: string): Record<string, unknown> | undefined {
  if (line.length > MAX_LINE) return undefined;
  try {
    const record: unknown = JSON.parse(line);
    return typeof record === "object" && record !== null ? (record as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Reports whether a line has a field already. Parsed only where the name is in it somewhere; where it cannot be, it may. */
function hasField(line: string, name: string): boolean {
  if (!line.includes(`"${name}":`)) return false;
  const record = parse(line);
  return record === undefined || Object.hasOwn(record, name);
}

/** A line with the ids at its end. */
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

/** The names an application gives to message and error; pino keeps them under symbols, which each copy of it has of its own. */
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

/** The symbol of a name that an object or one it inherits from has. */
function symbolOf(object: object, name: string): symbol | undefined {
  for (let each: object | null = object; each !== null; each = Object.getPrototypeOf(each) as object | null) {
    const found = Object.getOwnPropertySymbols(each).find(({ description }) => description === name);
    if (found !== undefined) return found;
  }
  return undefined;
}
