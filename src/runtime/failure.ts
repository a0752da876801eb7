import { sourceStack } from "./source-map.ts";

/** Characters of a message, and frames of a stack, that are told. */
const MAX_MESSAGE = 300;
const MAX_FRAMES = 8;
/** Characters of a stack that are read. */
const MAX_STACK = 20_000;

/** What is to be said of a failure of our own code. */
export interface Failure {
  /** The same for failures at the same place. */
  readonly key: string;
  /** For people, in one line; to find the places in our sources takes milliseconds. */
  readonly text: () => string;
}

const UNREADABLE: Failure = { key: "unreadable", text: () => "an error that cannot be read" };

/** Reads what was thrown, which can be anything, and can throw itself. */
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

/** The application's `Error.prepareStackTrace` makes the stack, and can throw. */
export function readStack(error: { readonly stack?: unknown }): unknown {
  try {
    return error.stack;
  } catch {
    return undefined;
  }
}

const text = (value: unknown): string => (typeof value === "string" ? value.slice(0, MAX_STACK) : "");

const cut = (value: string): string => (value.length > MAX_MESSAGE ? `${value.slice(0, MAX_MESSAGE)}…` : value);

/** The innermost frames, as `at name (place)`. */
function framesOf(stack: string): string[] {
  const lines = stack.split("\n").map((line) => line.trim());
  return lines
    .filter((line) => line.startsWith("at "))
    .slice(0, MAX_FRAMES)
    .map(cut);
}
