import { join, sep } from "node:path";
import { now } from "./clock.ts";
import { FOLDER } from "./package-root.ts";

/** Maximum stacks read in a second. Reading one costs more than a short operation. */
const MAX_STACKS = 1_000;
const SECOND_NS = 1_000_000_000n;
/** Maximum characters of a stack that is read. */
const MAX_STACK = 20_000;
/** Maximum frames of ours in one stack. */
const MAX_OWN = 20;

const OWN = ["src", "instrumentations"].map((folder) => join(FOLDER, folder, sep));

/** The original function: applications replace it. */
const { captureStackTrace } = Error;

const isFrame = (line: string): boolean => line.startsWith("    at ");
const isOwn = (line: string): boolean => isFrame(line) && OWN.some((folder) => line.includes(folder));

/** Frame in which the listeners of a request run if we call it. */
const CONTEXT = "    at AsyncLocalStorage.run (node:";

/** Removes our frames, and the frames of Node.js that call them. */
const withoutOwn = (lines: readonly string[]): string[] =>
  lines.filter((line, i) => !isOwn(line) && !(line.startsWith(CONTEXT) && isOwn(lines[i + 1] ?? "")));

let second = 0n;
let read = 0;

/** Tells whether one more stack may be read in this second. */
function mayRead(): boolean {
  const timestamp = now();
  if (timestamp - second > SECOND_NS) {
    second = timestamp;
    read = 0;
  }
  return ++read <= MAX_STACKS;
}

/** Tells whether the application leaves the formatting of stacks to Node.js. */
const isFormattedByNode = (): boolean => (Error.prepareStackTrace?.name ?? NODE_FORMATTER) === NODE_FORMATTER;

const NODE_FORMATTER = "ErrorPrepareStackTrace";

/** Getter of the own property `stack` of a plain error. With any other, the application provides the stack itself. */
const native = Object.getOwnPropertyDescriptor(new Error("as it is"), "stack")?.get;

/**
 * Removes our frames from the stack of an error that was created inside a wrapped call, and adds the frames of the
 * application that they have displaced. Leaves stacks that the application formats itself unchanged.
 * @param wrapper function that the application called
 */
export function removeOwnFrames(error: unknown, wrapper: Function): void {
  if (!mayRead()) return;
  const lines = linesOf(error);
  if (lines.some(isOwn)) replaceFrames(error as Error, lines, callersOf(wrapper));
}

/**
 * Does the same for a wrapper that an error passes through without being caught. Called by that wrapper.
 * @returns a function that removes our frames once the error is known
 */
export function removeOwnFramesLater(): (error: unknown) => void {
  if (!mayRead()) return () => {};
  const callers = callersOf(removeOwnFramesLater);
  return (error) => {
    const lines = linesOf(error);
    if (lines.some(isOwn)) replaceFrames(error as Error, lines, callers);
  };
}

/**
 * Removes our frames, and adds those of the callers that they have displaced. Frames of the engine can lie between ours.
 * @param lines stack of the error, with at least one frame of ours
 */
function replaceFrames(error: Error, lines: readonly string[], callers: readonly string[]): void {
  const at = lines.findIndex(isOwn);
  const others = withoutOwn(callers);
  const above = lines.slice(0, at);
  if (above.at(-1)?.startsWith(CONTEXT) === true) above.pop();
  const between = withoutOwn(lines.slice(at));
  const called = others[0] === undefined ? -1 : between.indexOf(others[0]);
  // An error of an earlier call has other callers, and so has one whose stack ends above them.
  const kept = called === -1 ? between : [...between.slice(0, called), ...others];
  const room = lines.filter(isFrame).length - above.filter(isFrame).length;
  const below = between.length === 0 ? others : kept;
  error.stack = [...above, ...below.slice(0, room)].join("\n");
}

/** Removes our frames from the stack of an error that is about to reach the process. */
export function hideOwnFrames(error: unknown): void {
  const lines = linesOf(error);
  if (lines.length === 0) return;
  const others = withoutOwn(lines);
  if (others.length < lines.length) (error as Error).stack = others.join("\n");
  hideWhereEmitted(error as Error);
}

/** Does the same for the error of a promise, of which there can be many. */
export function hideFramesOfRejection(error: unknown): void {
  if (mayRead()) hideOwnFrames(error);
}

/**
 * Description of the symbol under which Node.js stores a function that appends the origin of an `error` event. It is
 * called when an error without a listener is printed.
 */
const EMITTED = "kEnhanceStackBeforeInspector";

function hideWhereEmitted(error: Error): void {
  const key = Object.getOwnPropertySymbols(error).find(({ description }) => description === EMITTED);
  if (key === undefined) return;
  const add = (error as unknown as Record<symbol, () => string>)[key]!;
  // If this function throws, its caller in Node.js uses the stack as it is.
  const value = (): string => {
    const lines = add().split("\n");
    const others = withoutOwn(lines);
    // As Node.js prints it without frames.
    if (others.length < lines.length && !others.some(isFrame)) others.push("");
    return others.join("\n");
  };
  Object.defineProperty(error, key, { value, configurable: true });
}

/** Returns the lines of a stack that Node.js has formatted; none if the stack is not ours to change. */
function linesOf(error: unknown): string[] {
  if (!isFormattedByNode() || !(error instanceof Error)) return [];
  const property = Object.getOwnPropertyDescriptor(error, "stack");
  if (property?.configurable !== true || property.get !== native) return [];
  const { stack } = error;
  return typeof stack === "string" && stack.length <= MAX_STACK ? stack.split("\n") : [];
}

/** Returns the frames below a function, `MAX_OWN` more than the application's limit. */
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
