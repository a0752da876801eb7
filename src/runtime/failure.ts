import { sourceStack } from "./source-map.ts";

/** Maximum characters of a message and maximum frames of a stack that are reported. */
const MAX_MESSAGE = 300;
const MAX_FRAMES = 8;
/** Maximum characters of a stack that are parsed. */
const MAX_STACK = 20_000;

/** Description of a failure of our own code. */
export interface Failure {
  /** Key shared by failures at the same location. */
  readonly key: string;
  /** Text for people, in one line. A function, because locating the frames in our sources takes milliseconds. */
  readonly text: () => string;
}

const UNREADABLE: Failure = { key: "unreadable", text: () => "an error that cannot be read" };

/** Describes a thrown value, which can be anything and can throw when read. */
export function failureOf(thrown: unknown): Failure {
  try {
    return read(thrown);
  } catch {
    return UNREADABLE;
  }
}

function read(thrown: unknown): Failure {
  if (typeof thrown !== "object" || thrown === null) {
    const text = cut(String(thrown));
    return { key: text, text: () => text };
  }
  const { name, message } = thrown as Record<string, unknown>;
  const head = cut(`${text(name) || "Error"}: ${text(message)}`);
  const frames = framesOf(text(readStack(thrown)));
  const [place = head] = frames;
  return {
    key: `${cut(text(name))} ${place}`,
    text: () => [head, ...(frames.length === 0 ? [] : sourceStack(frames.join("\n")).split("\n"))].join("; "),
  };
}

/** Reads the stack of an error. The application's `Error.prepareStackTrace` formats it and can throw. */
export function readStack(error: { readonly stack?: unknown }): unknown {
  try {
    return error.stack;
  } catch {
    return undefined;
  }
}

const text = (value: unknown): string => (typeof value === "string" ? value.slice(0, MAX_STACK) : "");

const cut = (value: string): string => (value.length > MAX_MESSAGE ? `${value.slice(0, MAX_MESSAGE)}…` : value);

/** Returns the innermost frames, as `at name (place)`. */
function framesOf(stack: string): string[] {
  const lines = stack.split("\n").map((line) => line.trim());
  return lines
    .filter((line) => line.startsWith("at "))
    .slice(0, MAX_FRAMES)
    .map(cut);
}
