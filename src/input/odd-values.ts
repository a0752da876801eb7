import { types } from "node:util";
import type { Attributes, TimeInput } from "@opentelemetry/api";
import { messageText, plainValue } from "./plain-value.ts";
import { countCut } from "./cut-values.ts";

/** Maximum characters of a text and maximum attributes. What exceeds them is not enumerated. */
const MAX_CHARACTERS = 65_536;
const MAX_NAMES = 256;
/** Maximum bytes of a binary value. */
const MAX_BYTES = 65_536;

/** Returns a value itself if it can be kept as it is, otherwise a bounded copy of its data. Never throws. */
export function saneValue(value: unknown): unknown {
  if (isSimple(value)) return value;
  if (types.isUint8Array(value)) {
    if (value.length > MAX_BYTES) countCut("too_large");
    return value.slice(0, MAX_BYTES);
  }
  return plainValue(value);
}

function isSimple(value: unknown): boolean {
  if (typeof value === "string") return value.length <= MAX_CHARACTERS;
  return typeof value === "number" || typeof value === "boolean" || value === undefined || value === null;
}

/** Returns attributes themselves if they can be kept as they are, otherwise a copy of the valid part. Never throws. */
export function saneAttributes(attributes: unknown): Attributes | undefined {
  if (attributes === undefined || attributes === null) return undefined;
  if (typeof attributes !== "object") return {};
  try {
    if (Array.isArray(attributes) || types.isDate(attributes)) return {};
    return areSimple(attributes) ? (attributes as Attributes) : copied(attributes);
  } catch {
    countCut("unreadable");
    return {};
  }
}

/**
 * Copies attributes, so that the receiver does not see later changes of an object that the caller reuses. Never throws.
 */
export function ownAttributes(attributes: unknown): Attributes {
  try {
    const sane = saneAttributes(attributes) ?? {};
    return sane === attributes ? { ...sane } : sane;
  } catch {
    return {};
  }
}

function areSimple(attributes: object): boolean {
  if (types.isProxy(attributes)) return false;
  let names = 0;
  for (const name in attributes) {
    if (name === "" || ++names > MAX_NAMES || name.length > MAX_CHARACTERS) return false;
    if (!isSimple((attributes as Record<string, unknown>)[name])) return false;
  }
  return true;
}

/**
 * Copies attributes one by one, so that a failure costs only the attribute itself. The specification does not allow
 * attributes without a name.
 */
function copied(attributes: object): Attributes {
  const copy: Record<string, unknown> = {};
  let names = 0;
  for (const name in attributes) {
    if (name === "" || !Object.hasOwn(attributes, name)) continue;
    if (++names > MAX_NAMES) {
      countCut("too_large");
      break;
    }
    try {
      copy[name.slice(0, MAX_CHARACTERS)] = acceptable(saneValue((attributes as Record<string, unknown>)[name]));
    } catch {
      // A getter of the value threw.
      countCut("unreadable");
    }
  }
  return copy as Attributes;
}

/**
 * Serializes data that the SDK would drop: it takes an object with a field `constructor` for an instance of a class.
 */
const acceptable = (data: unknown): unknown => (hasConstructor(data) ? JSON.stringify(data) : data);

const hasConstructor = (data: unknown): boolean =>
  typeof data === "object" &&
  data !== null &&
  !types.isUint8Array(data) &&
  (Object.hasOwn(data, "constructor") || Object.values(data).some(hasConstructor));

/** Returns a bounded text for a value that should be a text. */
export function saneText(text: unknown): string {
  const whole = typeof text === "string" ? text : messageText(text);
  if (whole.length <= MAX_CHARACTERS) return whole;
  countCut("too_large");
  return whole.slice(0, MAX_CHARACTERS);
}

/** Returns a valid time; undefined, which means now, if it is invalid. Never throws. */
export function saneTime(time: unknown): TimeInput | undefined {
  if (typeof time === "number") return Number.isFinite(time) ? time : undefined;
  if (typeof time !== "object" || time === null || types.isProxy(time)) return undefined;
  if (types.isDate(time)) return Number.isFinite(Date.prototype.getTime.call(time)) ? time : undefined;
  if (!Array.isArray(time) || time.length !== 2) return undefined;
  const [seconds, nanoseconds] = time as unknown[];
  const isPair = Number.isFinite(seconds) && Number.isFinite(nanoseconds);
  return isPair ? [seconds as number, nanoseconds as number] : undefined;
}

/** Tells whether a value is a valid measurement. */
export const isMeasured = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
