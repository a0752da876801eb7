import { hostname } from "node:os";
import { threadId } from "./thread.ts";

/** Milliseconds after which an owner is taken for gone that cannot be asked: on another machine, in another thread. */
const FOREIGN_MS = 600_000;
/** Milliseconds after which the process that has the number of an owner is taken for another one. */
const MAX_AGE_MS = 24 * 3_600_000;

let hostDigest: string | undefined;
const host = (): string => (hostDigest ??= digestOf(hostname()));

/** Hashes; `node:crypto` is loaded with the first, as it takes 5 ms and 2 MB. */
const digestOf = (text: string): string =>
  process.getBuiltinModule("node:crypto").createHash("sha256").update(text).digest("hex").slice(0, 8);

/** Distinguishes this process from an earlier one with its number: in a container, both are number 1. */
const birth = (): string => Math.round(performance.timeOrigin).toString(36);

/** Names this thread, as it stands at the end of the name of a file it works on. */
export const thisOwner = (): string => `${host()}-${process.pid}-${threadId()}-${birth()}`;

/**
 * Tells whether the thread that works on a file is gone.
 * @param owner as its own `thisOwner` was
 * @param age milliseconds since it began to
 */
export function isGone(owner: string, age: number): boolean {
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
