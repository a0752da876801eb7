import { types } from "node:util";
import {
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
} from "../../semconv/index.ts";
import { errorType } from "./error-type.ts";
import { pathOf, shownPath } from "./relative-path.ts";
import { readStack } from "./failure.ts";

/** Maximum characters of a stack. */
const MAX_STACK = 16_384;
/** Maximum characters of a message. */
const MAX_MESSAGE = 16_384;
/** Maximum causes of an error that are reported. */
const MAX_CAUSES = 5;

/** Policy for the message of an error: returns the text to report, or undefined to omit it. */
export type MessagePolicy = (error: { readonly message: unknown }) => string | undefined;

/** Returns the message unchanged, for errors that the application logs itself. */
export const wholeMessage: MessagePolicy = ({ message }) => String(message).slice(0, MAX_MESSAGE);

/** Error codes of the engines. The messages of such errors can quote stored data. */
const ENGINE_CODE = /^(?:ERR_)?SQLITE_/;

/** Absolute path with at least one folder, outside a URL, and the character before it. */
const PATH = /(^|[^\w:/.])((?:file:\/\/)?(?:[A-Za-z]:)?[\\/](?:[^\s\\/'"`()]+[\\/])+[^\s\\/'"`(),;:]*)/g;

/**
 * Returns the message of an error that the application did not intend to publish, without data and without locations.
 */
export const privateMessage: MessagePolicy = (error) => {
  const { code, path, dest } = error as { code?: unknown; path?: unknown; dest?: unknown };
  if (typeof code === "string" && ENGINE_CODE.test(code)) return undefined;
  let text = wholeMessage(error)!;
  for (const file of [path, dest]) {
    if (typeof file === "string" && file.length > 1) text = text.replaceAll(file, shownPath(file));
  }
  return text.replace(PATH, (_, before: string, file: string) => before + shownPath(pathOf(file)));
};

/** Omits the message. */
export const noMessage: MessagePolicy = () => undefined;

/** Returns the attributes that describe an error. Never throws: a thrown value can be anything, with any getter. */
export function describeError(error: unknown, messageOf: MessagePolicy = wholeMessage): Record<string, unknown> {
  try {
    if (isError(error)) {
      return {
        [ATTR_ERROR_TYPE]: errorType(error),
        [ATTR_EXCEPTION_TYPE]: nameOf(error),
        [ATTR_EXCEPTION_MESSAGE]: messageOf(error),
        [ATTR_EXCEPTION_STACKTRACE]: stackOf(error, messageOf).slice(0, MAX_STACK),
      };
    }
    const message = messageOf === noMessage || typeof error === "object" ? undefined : String(error);
    return {
      [ATTR_ERROR_TYPE]: errorType(error),
      [ATTR_EXCEPTION_TYPE]: error === null ? "null" : typeof error,
      [ATTR_EXCEPTION_MESSAGE]: message,
    };
  } catch {
    return { [ATTR_ERROR_TYPE]: "_OTHER", [ATTR_EXCEPTION_TYPE]: "_OTHER" };
  }
}

/** Tells whether a value is an error, including one of another realm, such as of `node:vm`. */
export function isError(value: unknown): value is Error {
  try {
    return types.isNativeError(value) || value instanceof Error;
  } catch {
    // A proxy whose prototype cannot be read.
    return false;
  }
}

function nameOf({ name, constructor }: Error): string {
  const own = typeof name === "string" ? name : "";
  // Most error classes do not set a name of their own.
  return own === "" || own === "Error" ? constructor?.name || "Error" : own;
}

/** Returns the stacks of an error and of its causes. */
function stackOf(error: Error, messageOf: MessagePolicy): string {
  const seen = new Set<unknown>();
  const texts: string[] = [];
  const queue: unknown[] = [error];
  for (let next = queue.shift(); isError(next) && texts.length <= MAX_CAUSES; next = queue.shift()) {
    if (seen.has(next)) continue;
    seen.add(next);
    texts.push(oneStack(next, messageOf));
    const { cause, errors } = next as { cause?: unknown; errors?: unknown };
    queue.push(...[cause, ...(Array.isArray(errors) ? (errors as unknown[]) : [])].filter(isError));
  }
  return texts.join("\nCaused by: ");
}

const FRAMES = /\n {4}at /;

/** Returns one stack: the name and the message, followed by the frames. */
function oneStack(error: Error, messageOf: MessagePolicy): string {
  const stack = readStack(error);
  const at = typeof stack === "string" ? stack.search(FRAMES) : -1;
  const frames = at === -1 ? "" : relativeFrames((stack as string).slice(at, at + MAX_STACK));
  const message = messageOf(error);
  return `${nameOf(error)}${message === undefined || message === "" ? "" : `: ${message}`}${frames}`;
}

/** Start of an absolute path in a frame, and the text that ends the path. */
const FILE_START = /[\s(](?:file:\/\/)?(?:[A-Za-z]:[\\/]|\/)/g;
const FILE_END = /:\d/g;

/** Removes the location of the application on the machine from the frames of a stack. */
export const relativeFrames = (frames: string): string =>
  frames.slice(0, MAX_STACK).split("\n").map(relativeFrame).join("\n");

/** Scans a frame once, from left to right: a frame of `eval` names several files. */
function relativeFrame(frame: string): string {
  let text = "";
  let read = 0;
  for (;;) {
    FILE_START.lastIndex = read;
    const start = FILE_START.exec(frame)?.index;
    if (start === undefined) break;
    FILE_END.lastIndex = start + 1;
    const end = FILE_END.exec(frame)?.index;
    if (end === undefined) break;
    text += frame.slice(read, start + 1) + shownFile(frame.slice(start + 1, end));
    read = end;
  }
  return text + frame.slice(read);
}

function shownFile(script: string): string {
  const file = pathOf(script);
  const at = file.lastIndexOf("node_modules");
  return at === -1 ? shownPath(file) : file.slice(at).replaceAll("\\", "/");
}
