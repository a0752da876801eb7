import { stripVTControlCharacters } from "node:util";
import { context, isSpanContextValid, trace, type Context } from "@opentelemetry/api";
import type { LogBridge } from "../../src/logs/library-bridge.ts";
import type { LogLibrary } from "../../src/logs/library.ts";

/** Symbol under which winston keeps the level as the application named it; a format may change `level`. */
const LEVEL = Symbol.for("level");

/** Maximum number of characters of a message that are exported. */
const MAX_MESSAGE = 262_144;

/** Record that passes through formats and transports. */
type Info = Record<PropertyKey, unknown>;

interface Winston {
  readonly level?: string;
  /** Numbers of the levels: the lower, the more severe. */
  readonly levels?: Readonly<Record<string, number>>;
}

/** Severity numbers of winston's levels, which are those of npm and of syslog. */
const SEVERITIES: ReadonlyMap<string, number> = new Map(
  Object.entries({
    emerg: 23,
    alert: 22,
    crit: 21,
    error: 17,
    warn: 13,
    warning: 13,
    notice: 10,
    info: 9,
    http: 8,
    verbose: 6,
    debug: 5,
    silly: 1,
  }),
);

/**
 * winston: records enter through `write` and leave through `push`, formatted. The ids are added on entry, while the
 * caller's context is active. Records are exported as they leave, so that a format which redacts a value takes effect
 * here too.
 */
export const winston: LogLibrary = {
  id: "winston",
  modules: [{ name: "winston", file: "lib/winston/logger.js", versions: ["3.2.0", "4.0.0"] }],
  patch(exports, bridge) {
    const { prototype } = exports as { readonly prototype: object };
    bridge.wrap(
      prototype,
      "write",
      (original) =>
        function write(this: unknown, info: unknown, ...rest: unknown[]): unknown {
          let reported = info;
          bridge.attempt(() => {
            if (typeof info === "object" && info !== null) reported = withIds(info as Info, bridge);
          });
          return Reflect.apply(original, this, [reported, ...rest]);
        } as never,
    );
    if (!bridge.isSent) return;
    bridge.wrap(
      prototype,
      "push",
      (original) =>
        function push(this: Winston, info: unknown): unknown {
          bridge.attempt(() => {
            if (typeof info === "object" && info !== null) send(info as Info, this, bridge);
          });
          return Reflect.apply(original, this, arguments);
        } as never,
    );
  },
};

/**
 * Adds the ids to a copy: the application may continue to use the record, and write it again. The copy of an error is
 * an error, since formats check for one, and inherits its message and stack.
 */
function withIds(info: Info, bridge: LogBridge): Info {
  const ids = bridge.ids((name) => info[name] !== undefined);
  if (Object.keys(ids).length === 0) return info;
  const prototype = Object.getPrototypeOf(info) as object | null;
  const isPlain = prototype === Object.prototype || prototype === null;
  return Object.assign(Object.create(isPlain ? prototype : info) as Info, info, ids);
}

function send(info: Info, logger: Winston, bridge: LogBridge): void {
  const level = String(info[LEVEL] ?? info["level"]);
  const { levels = {} } = logger;
  // A transport may require a higher level than the logger, never a lower one.
  if (logger.level !== undefined && levels[level]! > levels[logger.level]!) return;
  const {
    level: _level,
    message,
    stack,
    timestamp,
    trace_id: _trace,
    span_id: _span,
    trace_flags: _flags,
    ...fields
  } = info;
  bridge.send(
    {
      scope: "winston",
      time: timestamp,
      level,
      severity: SEVERITIES.get(level) ?? 0,
      body: typeof message === "string" ? stripVTControlCharacters(message.slice(0, MAX_MESSAGE)) : message,
      fields,
      error: stack === undefined ? undefined : { name: info["name"] ?? "Error", message, stack },
    },
    writtenIn(info),
  );
}

/**
 * Restores the context a record was written in. If a transport is slow, records are formatted later, in an unrelated
 * active context.
 */
function writtenIn({ trace_id: traceId, span_id: spanId, trace_flags: flags }: Info): Context | undefined {
  if (typeof traceId !== "string" || typeof spanId !== "string") return undefined;
  const spanContext = { traceId, spanId, traceFlags: Number.parseInt(String(flags), 16) || 0 };
  return isSpanContextValid(spanContext) ? trace.setSpanContext(context.active(), spanContext) : undefined;
}
