import {
  createNoopMeter,
  INVALID_SPAN_CONTEXT,
  SpanStatusCode,
  trace,
  type Link,
  type LogRecord,
  type Meter,
  type Span,
  type SpanOptions,
  type SpanStatus,
} from "@opentelemetry/api";
import { guard } from "./guest.ts";
import { isMeasured, ownAttributes, saneAttributes, saneText, saneTime, saneValue } from "../input/odd-values.ts";
import { instrumentName, instrumentOptions } from "../input/odd-names.ts";

/**
 * Validation between the application and the SDK: the application can pass any value to the API, where without us it
 * would be ignored. An invalid value affects only itself.
 */

type Method = (...args: unknown[]) => unknown;
type Methods = Record<string, Method>;

/** Rewrites the arguments of a method; undefined skips the call. */
type Rewrite = (args: readonly unknown[]) => readonly unknown[] | undefined;

const shielded = new WeakSet<object>();

/** Methods of a span that pass their valid arguments on to others of its methods, and run nothing of the application. */
const PASSING_ON: ReadonlySet<string> = new Set(["setAttributes", "addLinks"]);

/** True while one of these runs. */
let isPassingOn = false;

/**
 * Wraps methods of an SDK class so that they receive valid arguments, once. A call that fails nevertheless returns
 * `otherwise`.
 */
function shield(
  prototype: object,
  rewrites: Readonly<Record<string, Rewrite>>,
  otherwise: (self: unknown) => unknown,
): void {
  if (shielded.has(prototype)) return;
  shielded.add(prototype);
  for (const [name, rewrite] of Object.entries(rewrites)) {
    const method = (prototype as Methods)[name];
    if (method === undefined) continue;
    (prototype as Methods)[name] = function shieldedMethod(this: unknown, ...args) {
      if (isPassingOn) return method.apply(this, args);
      try {
        const sane = rewrite(args);
        if (sane === undefined) return otherwise(this);
        isPassingOn = PASSING_ON.has(name);
        return method.apply(this, sane as unknown[]);
      } catch (error) {
        guard.failed(error);
        return otherwise(this);
      } finally {
        isPassingOn = false;
      }
    };
  }
}

const saneLink = (link: unknown): Link | undefined => {
  const { context, attributes } = (link ?? {}) as Partial<Link>;
  if (typeof context?.traceId !== "string" || typeof context.spanId !== "string") return undefined;
  return { context, attributes: saneAttributes(attributes) ?? {} };
};
const saneLinks = (links: unknown): Link[] =>
  Array.isArray(links) ? links.slice(0, 1_000).flatMap((link) => guard.attempt(() => saneLink(link)) ?? []) : [];

const saneStatus = (status: unknown): SpanStatus => {
  const { code, message } = (status ?? {}) as Partial<SpanStatus>;
  const isCode = code === SpanStatusCode.OK || code === SpanStatusCode.ERROR;
  return { code: isCode ? code : SpanStatusCode.UNSET, ...(message !== undefined && { message: saneText(message) }) };
};

/** Sanitizes the arguments of an event, which can have a time in place of its attributes. */
const saneEvent: Rewrite = ([name, second, third]) => {
  const time = saneTime(second);
  return time === undefined ? [saneText(name), saneAttributes(second), saneTime(third)] : [saneText(name), time];
};

/** Returns an exception in a form that the SDK can read. */
const saneException = (exception: unknown): unknown => {
  if (typeof exception !== "object" || exception === null) return saneText(exception);
  const { code, name, message, stack } = exception as Record<string, unknown>;
  const texts = Object.entries({ code, name, message, stack }).filter(
    ([, text]) => text !== undefined && text !== null,
  );
  return Object.fromEntries(texts.map(([key, text]) => [key, saneText(text)]));
};

const SPAN: Readonly<Record<string, Rewrite>> = {
  setAttribute: ([key, value]) =>
    typeof key === "string" && key !== "" ? [saneText(key), saneValue(value)] : undefined,
  setAttributes: ([attributes]) => [saneAttributes(attributes) ?? {}],
  addEvent: saneEvent,
  addLink: ([link]) => {
    const sane = saneLink(link);
    return sane === undefined ? undefined : [sane];
  },
  addLinks: ([links]) => [saneLinks(links)],
  setStatus: ([status]) => [saneStatus(status)],
  updateName: ([name]) => [saneText(name)],
  recordException: ([exception, time]) => [saneException(exception), saneTime(time)],
  end: ([time]) => [saneTime(time)],
};

/** Starts a span with valid arguments. */
export function shieldedSpan(
  start: (name: string, options: SpanOptions) => Span,
  name: unknown,
  options: unknown,
): Span {
  try {
    const span = start(saneText(name), saneOptions(options));
    if (span.isRecording()) shield(Object.getPrototypeOf(span) as object, SPAN, (self) => self);
    return span;
  } catch (error) {
    guard.failed(error);
    return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
  }
}

function saneOptions(options: unknown): SpanOptions {
  if (typeof options !== "object" || options === null) return {};
  const { attributes, kind, links, root, startTime } = options as SpanOptions;
  const sane: SpanOptions = {};
  if (attributes !== undefined) sane.attributes = saneAttributes(attributes) ?? {};
  if (typeof kind === "number") sane.kind = kind;
  if (links !== undefined) sane.links = saneLinks(links);
  if (root === true) sane.root = true;
  const start = saneTime(startTime);
  if (start !== undefined) sane.startTime = start;
  return sane;
}

/** Emits a record with valid values. */
export function shieldedEmit(emit: (record: LogRecord) => void, record: unknown): void {
  guard.attempt(() => {
    if (typeof record !== "object" || record === null) return;
    emit(saneRecord(record as LogRecord));
  });
}

function saneRecord(record: LogRecord): LogRecord {
  const { timestamp, observedTimestamp, body, attributes, exception } = record;
  const { context, eventName, severityNumber, severityText } = record;
  return {
    timestamp: saneTime(timestamp),
    observedTimestamp: saneTime(observedTimestamp),
    body: saneValue(body),
    attributes: saneAttributes(attributes),
    ...(exception !== undefined && exception !== null && { exception: saneException(exception) }),
    ...(context !== undefined && typeof context.getValue === "function" && { context }),
    ...(eventName !== undefined && { eventName: saneText(eventName) }),
    ...(typeof severityNumber === "number" && { severityNumber }),
    ...(severityText !== undefined && { severityText: saneText(severityText) }),
  } as LogRecord;
}

const measured: Rewrite = ([value, attributes, context]) =>
  isMeasured(value) ? [value, ownAttributes(attributes), context] : undefined;

const INSTRUMENT: Readonly<Record<string, Rewrite>> = { add: measured, record: measured };

/** Sanitizes an observation: of the callback's instrument, or of one of several, which is then the first argument. */
export const saneObservation: Rewrite = ([first, second, third]) => {
  if (typeof first !== "object") return isMeasured(first) ? [first, ownAttributes(second)] : undefined;
  return isMeasured(second) ? [first, second, ownAttributes(third)] : undefined;
};

const CREATORS = [
  "createCounter",
  "createGauge",
  "createHistogram",
  "createUpDownCounter",
  "createObservableCounter",
  "createObservableGauge",
  "createObservableUpDownCounter",
] as const;

/** Wraps a meter and the instruments it creates. */
export function shieldedMeter(meter: Meter): Meter {
  const prototype = Object.getPrototypeOf(meter) as Methods;
  if (shielded.has(prototype)) return meter;
  shielded.add(prototype);
  const noop = createNoopMeter() as unknown as Methods;
  for (const name of CREATORS) {
    const create = prototype[name]!;
    prototype[name] = function shieldedCreate(this: unknown, ...args) {
      try {
        const instrument = create.apply(this, [instrumentName(args[0]), instrumentOptions(args[1])]) as object;
        shield(Object.getPrototypeOf(instrument) as object, INSTRUMENT, () => undefined);
        return instrument;
      } catch (error) {
        guard.failed(error);
        return noop[name]!();
      }
    };
  }
  return meter;
}
