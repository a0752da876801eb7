import { hostname } from "node:os";
import { threadId } from "../thread.ts";
import { digest } from "./digest.ts";

/** Milliseconds after which a file of another machine is nobody's: there is no asking whether its process lives. */
const FOREIGN = 600_000;

let hostDigest: string | undefined;
const host = (): string => (hostDigest ??= digest(hostname(), 8));

/** Tells this process from an earlier one with its number: in a container, both are number 1. */
const birth = (): string => Math.round(performance.timeOrigin).toString(36);

/** This thread, as it stands at the end of the name of a file it works on. */
export const thisOwner = (): string => `${host()}-${process.pid}-${threadId()}-${birth()}`;

/**
 * Whether the thread that works on a file is gone.
 * @param owner as its own `thisOwner` was
 * @param age milliseconds since it began to
 */
export function isGone(owner: string, age: number): boolean {
  const [itsHost, itsProcess, itsThread, itsBirth] = owner.split("-");
  if (itsHost !== host()) return age > FOREIGN;
  const pid = Number(itsProcess);
  if (pid === process.pid) return itsThread === String(threadId()) && itsBirth !== birth();
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
