import { join, sep } from "node:path";
import { now } from "./clock.ts";
import { FOLDER } from "./folder.ts";

/** Stacks that are read in a second: to read one costs more than a short operation. */
const MAX_STACKS = 1_000;
const SECOND_NS = 1_000_000_000n;
/** Characters of a stack that is read. */
const MAX_STACK = 20_000;
/** Frames of ours there may be in one stack. */
const MAX_OWN = 20;

const OWN = ["src", "instrumentations"].map((folder) => join(FOLDER, folder, sep));

const isFrame = (line: string): boolean => line.startsWith("    at ");
const isOwn = (line: string): boolean => isFrame(line) && OWN.some((folder) => line.includes(folder));

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
  if (!isFormattedByNode() || !(error instanceof Error) || !mayRead()) return;
  const property = Object.getOwnPropertyDescriptor(error, "stack");
  if (property === undefined || property.get !== native) return;
  const { stack } = error;
  if (typeof stack !== "string" || stack.length > MAX_STACK) return;
  const lines = stack.split("\n");
  const at = lines.findIndex(isOwn);
  if (at < 0) return;
  const callers = callersOf(wrapper);
  // An error of an earlier call has other callers.
  if (at + 1 < lines.length && lines[at + 1] !== callers[0]) return;
  const above = lines.slice(0, at);
  const room = lines.filter(isFrame).length - above.filter(isFrame).length;
  error.stack = [...above, ...callers.filter((line) => !isOwn(line)).slice(0, room)].join("\n");
}

/** The frames below a function, more of them than the application has errors have. */
function callersOf(wrapper: Function): string[] {
  const { stackTraceLimit } = Error;
  const holder: { stack?: string } = {};
  Error.stackTraceLimit = stackTraceLimit + MAX_OWN;
  try {
    Error.captureStackTrace(holder, wrapper);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return holder.stack!.split("\n").filter(isFrame);
}
