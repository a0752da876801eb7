import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

const digest = (bytes: Buffer): Buffer => createHash("sha256").update(bytes).digest();

/** Compares in the same time wherever the difference is. */
const isSame = (given: Buffer, expected: Buffer): boolean => timingSafeEqual(digest(given), digest(expected));

const SCHEME = "bearer ";

/**
 * Tells whether a request over TCP has the token. Where it comes from is no proof of anything: a proxy on this machine
 * looks like this machine.
 * @param token what is expected; no request has it where it is empty
 */
export function hasToken({ headers: { authorization = "" } }: IncomingMessage, token: string): boolean {
  if (token === "" || authorization.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return false;
  // Node.js reads headers byte by byte.
  return isSame(Buffer.from(authorization.slice(SCHEME.length).trim(), "latin1"), Buffer.from(token, "utf8"));
}
