import { join, sep } from "node:path";
import { now } from "./clock.ts";
import { FOLDER } from "./package-root.ts";

/** Stacks that are read in a second: to read one costs more than a short operation. */
const MAX_STACKS = 1_000;
const SECOND_NS = 1_000_000_000n;
/** Characters of a stack that is read. */
const MAX_STACK = 20_000;
/** Frames of ours there may be in one stack. */
const MAX_OWN = 20;

const OWN = ["src", "instrumentations"].map((folder) => join(FOLDER, folder, sep));

/** As it was at the start: applications replace it. */
const { captureStackTrace } = Error;

const isFrame = (line: string): boolean => line.startsWith("    at ");
const isOwn = (line: string): boolean => isFrame(line) && OWN.some((folder) => line.includes(folder));

/** What the listeners of a request run in, where it is called by us. */
const CONTEXT = "    at AsyncLocalStorage.run (node:";

/** Leaves our frames out, and what Node.js is called by them with. */
const withoutOwn = (lines: readonly string[]): string[] =>
  lines.filter((line, i) => !isOwn(line) && !(line.startsWith(CONTEXT) && isOwn(lines[i + 1] ?? "")));

let second = 0n;
let read = 0;

/** Whether another stack may be read in this second. */
function mayRead(): boolean {
  const moment = now();
  if (moment - second > SECOND_NS) {
    second = moment;
    read = 0;
  }
  return ++read <= MAX_STACKS;
}

/** Whether the application leaves it to Node.js to make stacks text. */
const isFormattedByNode = (): boolean => (Error.prepareStackTrace?.name ?? NODE_FORMATTER) === NODE_FORMATTER;

const NODE_FORMATTER = "ErrorPrepareStackTrace";

/** The own property of a plain error; anything else is the application's way to have a stack. */
const native = Object.getOwnPropertyDescriptor(new Error("as it is"), "stack")?.get;

/**
 * Takes our frames out of the stack of an error that was made inside of a call we have wrapped, and puts in the frames
 * of the application that they have pushed out. Stacks that the application formats itself are let be.
 * @param wrapper what the application called
 */
export function removeOwnFrames(error: unknown, wrapper: Function): void {
  if (!mayRead()) return;
  const lines = linesOf(error);
  if (lines.some(isOwn)) replaceFrames(error as Error, lines, callersOf(wrapper));
}

/**
 * Does the same, called by a wrapper that an error passes through without being caught.
 * @returns takes our frames out, once the error is known
 */
export function removeOwnFramesLater(): (error: unknown) => void {
  if (!mayRead()) return () => {};
  const callers = callersOf(removeOwnFramesLater);
  return (error) => {
    const lines = linesOf(error);
    if (lines.some(isOwn)) replaceFrames(error as Error, lines, callers);
  };
}

/** @param lines the stack of the error, with some of ours */
function replaceFrames(error: Error, lines: readonly string[], callers: readonly string[]): void {
  const at = lines.findIndex(isOwn);
  const others = withoutOwn(callers);
  const called = lines.slice(at).find((line) => !isOwn(line));
  // An error of an earlier call has other callers.
  if (called !== undefined && called !== others[0]) return;
  const above = lines.slice(0, at);
  if (above.at(-1)?.startsWith(CONTEXT) === true) above.pop();
  const room = lines.filter(isFrame).length - above.filter(isFrame).length;
  error.stack = [...above, ...others.slice(0, room)].join("\n");
}

/** Takes our frames out of the stack of an error that is about to be told to the process. */
export function hideOwnFrames(error: unknown): void {
  const lines = linesOf(error);
  if (lines.length === 0) return;
  const others = withoutOwn(lines);
  if (others.length < lines.length) (error as Error).stack = others.join("\n");
  hideWhereEmitted(error as Error);
}

/** Where Node.js keeps the function that adds where an `error` event was emitted, as it prints an error no one listens for. */
const EMITTED = "kEnhanceStackBeforeInspector";

function hideWhereEmitted(error: Error): void {
  const key = Object.getOwnPropertySymbols(error).find(({ description }) => description === EMITTED);
  if (key === undefined) return;
  const add = (error as unknown as Record<symbol, () => string>)[key]!;
  // What Node.js calls it from takes a failure for the stack as it is.
  Object.defineProperty(error, key, { value: () => withoutOwn(add().split("\n")).join("\n"), configurable: true });
}

/** The lines of a stack that Node.js has made; none where it is not for us to change it. */
function linesOf(error: unknown): string[] {
  if (!isFormattedByNode() || !(error instanceof Error)) return [];
  const property = Object.getOwnPropertyDescriptor(error, "stack");
  if (property?.configurable !== true || property.get !== native) return [];
  const { stack } = error;
  return typeof stack === "string" && stack.length <= MAX_STACK ? stack.split("\n") : [];
}

/** The frames below a function, more of them than the application has errors have. */
function callersOf(wrapper: Function): string[] {
  const { stackTraceLimit } = Error;
  const holder: { stack?: string } = {};
  Error.stackTraceLimit = stackTraceLimit + MAX_OWN;
  try {
    captureStackTrace(holder, wrapper);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return holder.stack!.split("\n").filter(isFrame);
}
