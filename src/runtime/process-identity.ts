import { hostname } from "node:os";
import { threadId } from "./thread.ts";

/**
 * Milliseconds after which an owner that cannot be checked, on another machine or in another thread, is treated as
 * gone.
 */
const FOREIGN_MS = 600_000;
/** Milliseconds after which a process with the pid of an owner is treated as another process. */
const MAX_AGE_MS = 24 * 3_600_000;

let hostDigest: string | undefined;
const host = (): string => (hostDigest ??= digestOf(hostname()));

/** Returns a short hash. Loads `node:crypto` on first use, as it takes 5 ms and 2 MB. */
const digestOf = (text: string): string =>
  process.getBuiltinModule("node:crypto").createHash("sha256").update(text).digest("hex").slice(0, 8);

/** Distinguishes this process from an earlier one with the same pid: in a container, both have pid 1. */
const birth = (): string => Math.round(performance.timeOrigin).toString(36);

/** Returns the id of this thread, with which the names of its files end. */
export const ownerId = (): string => `${host()}-${process.pid}-${threadId()}-${birth()}`;

/**
 * Tells whether the thread that owns a file has ended.
 * @param owner value of `ownerId` in that thread
 * @param age milliseconds since the thread began to work on the file
 */
export function isDead(owner: string, age: number): boolean {
  const [itsHost, itsProcess, itsThread, itsBirth] = owner.split("-");
  if (itsHost !== host()) return age > FOREIGN_MS;
  if (age > MAX_AGE_MS) return true;
  const pid = Number(itsProcess);
  if (pid === process.pid) return itsThread === String(threadId()) ? itsBirth !== birth() : age > FOREIGN_MS;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
