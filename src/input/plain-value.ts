import { countCut, type Cut } from "./cut-values.ts";
import { isError } from "../runtime/describe-error.ts";

/** Maximum depth of nested objects. */
const MAX_DEPTH = 10;
/** Maximum values of one field. */
const MAX_VALUES = 2_000;
/** Maximum characters of all texts and names of one field. */
const MAX_CHARACTERS = 262_144;

/** Maximum bits of an integer that is written. */
const MAX_INTEGER_BITS = 4_096;

const CUT = "[cut]";
const CIRCULAR = "[circular]";
/** Placeholder for a value that throws when read. */
export const UNREADABLE = "[unreadable]";

/** Remaining limits of a field, and the objects that enclose the value being copied. */
interface Budget {
  values: number;
  characters: number;
  readonly around: object[];
  cut: Cut | undefined;
}

/**
 * Copies a value of the application as serializable data. A word replaces each part that is too deep, too long,
 * circular or throws. The duration is proportional to the size of the copy. Never throws.
 */
export function plainValue(value: unknown): unknown {
  // Most fields have one of these types.
  if (typeof value === "number" || typeof value === "boolean" || value === undefined || value === null) return value;
  const budget: Budget = { values: MAX_VALUES, characters: MAX_CHARACTERS, around: [], cut: undefined };
  const data = copy(value, budget);
  if (budget.cut !== undefined) countCut(budget.cut);
  return data;
}

/** Records the first defect of a value, under which the value is counted. */
function cut(budget: Budget, reason: Cut, word: string): string {
  budget.cut ??= reason;
  return word;
}

function copy(value: unknown, budget: Budget): unknown {
  budget.values--;
  switch (typeof value) {
    case "string":
      return take(value, budget);
    case "bigint":
      return isShort(value) ? String(value) : cut(budget, "too_large", CUT);
    case "symbol":
      return take(String(value), budget);
    case "object":
      return value === null ? null : copyObject(value, budget);
    default:
      return typeof value === "function" ? undefined : value;
  }
}

/** Tells whether an integer is short enough to be written in decimal: the duration is quadratic in its length. */
const isShort = (integer: bigint): boolean => BigInt.asIntN(MAX_INTEGER_BITS, integer) === integer;

/** Returns the text of a message, which can be a text already or any other value. */
export function messageText(message: unknown): string {
  const data = plainValue(message);
  return typeof data === "object" && data !== null ? JSON.stringify(data) : String(data);
}

/** Shortens a text to the remaining characters. */
function take(text: string, budget: Budget): string {
  const kept =
    text.length <= budget.characters ? text : text.slice(0, budget.characters) + cut(budget, "too_large", CUT);
  budget.characters -= Math.min(text.length, budget.characters);
  return kept;
}

function copyObject(value: object, budget: Budget): unknown {
  if (budget.around.includes(value)) return cut(budget, "circular", CIRCULAR);
  if (budget.around.length >= MAX_DEPTH) return cut(budget, "too_deep", CUT);
  if (budget.values <= 0) return cut(budget, "too_large", CUT);
  budget.around.push(value);
  try {
    return copyParts(value, budget);
  } catch {
    return cut(budget, "unreadable", UNREADABLE);
  } finally {
    budget.around.pop();
  }
}

function copyParts(value: object, budget: Budget): unknown {
  // JSON shows no properties of an error.
  if (isError(value)) return { type: copy(value.name, budget), message: copy(value.message, budget) };
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === "function") {
    const data: unknown = Reflect.apply(toJSON, value, []);
    if (data !== value) return copy(data, budget);
  }
  return Array.isArray(value) ? copyList(value as unknown[], budget) : copyFields(value, budget);
}

function copyList(list: readonly unknown[], budget: Budget): unknown[] {
  const copied: unknown[] = [];
  for (let i = 0; i < list.length; i++) {
    if (budget.values <= 0) return [...copied, cut(budget, "too_large", CUT)];
    // JSON writes null for what is not data.
    copied.push(copy(list[i], budget) ?? null);
  }
  return copied;
}

function copyFields(object: object, budget: Budget): Record<string, unknown> {
  // Without a prototype, `__proto__` is a name like any other.
  const copied = Object.create(null) as Record<string, unknown>;
  for (const name in object) {
    if (!Object.hasOwn(object, name)) continue;
    if (budget.values <= 0 || budget.characters <= 0) {
      copied[cut(budget, "too_large", CUT)] = true;
      break;
    }
    const key = take(name, budget);
    const field = copyField(object, name, budget);
    if (field !== undefined) copied[key] = field;
  }
  return copied;
}

/** Copies one field, so that a getter that throws costs only its own field. */
function copyField(object: object, name: string, budget: Budget): unknown {
  let value: unknown;
  try {
    value = (object as Record<string, unknown>)[name];
  } catch {
    budget.values--;
    return cut(budget, "unreadable", UNREADABLE);
  }
  return copy(value, budget);
}
