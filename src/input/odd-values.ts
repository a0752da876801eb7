import { types } from "node:util";
import type { Attributes, TimeInput } from "@opentelemetry/api";
import { messageText, plain } from "./plain-value.ts";
import { countCut } from "./cut-values.ts";

/** Characters of a text, and names of attributes, that are taken without a look at how many there are in all. */
const MAX_CHARACTERS = 65_536;
const MAX_NAMES = 256;
/** Bytes of a value that is bytes. */
const MAX_BYTES = 65_536;

/** Returns a value if it can be kept as it is; a bounded copy of data otherwise. Never throws. */
export function saneValue(value: unknown): unknown {
  if (isSimple(value)) return value;
  if (types.isUint8Array(value)) {
    if (value.length > MAX_BYTES) countCut("too_large");
    return value.slice(0, MAX_BYTES);
  }
  return plain(value);
}

function isSimple(value: unknown): boolean {
  if (typeof value === "string") return value.length <= MAX_CHARACTERS;
  return typeof value === "number" || typeof value === "boolean" || value === undefined || value === null;
}

/** Returns attributes if they can be kept as they are; a copy of what can be kept otherwise. Never throws. */
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

/** Copies attributes: who keeps them is not to see what becomes of an object that is used again. Never throws. */
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

/** Each attribute costs itself; those without a name have none by the specification. */
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
      // A getter of it.
      countCut("unreadable");
    }
  }
  return copy as Attributes;
}

/** Writes as text what the SDK leaves out, as it takes an object with a field `constructor` for one of a class. */
const acceptable = (data: unknown): unknown => (hasConstructor(data) ? JSON.stringify(data) : data);

const hasConstructor = (data: unknown): boolean =>
  typeof data === "object" &&
  data !== null &&
  !types.isUint8Array(data) &&
  (Object.hasOwn(data, "constructor") || Object.values(data).some(hasConstructor));

/** Writes what is to be a text as one. */
export function saneText(text: unknown): string {
  const whole = typeof text === "string" ? text : messageText(text);
  if (whole.length <= MAX_CHARACTERS) return whole;
  countCut("too_large");
  return whole.slice(0, MAX_CHARACTERS);
}

/** Returns a time; nothing where it is none, which is now. Never throws. */
export function saneTime(time: unknown): TimeInput | undefined {
  if (typeof time === "number") return Number.isFinite(time) ? time : undefined;
  if (typeof time !== "object" || time === null || types.isProxy(time)) return undefined;
  if (types.isDate(time)) return Number.isFinite(Date.prototype.getTime.call(time)) ? time : undefined;
  if (!Array.isArray(time) || time.length !== 2) return undefined;
  const [seconds, nanoseconds] = time as unknown[];
  const isPair = Number.isFinite(seconds) && Number.isFinite(nanoseconds);
  return isPair ? [seconds as number, nanoseconds as number] : undefined;
}

/** Tells whether a value can be measured. */
export const isMeasured = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
