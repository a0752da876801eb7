import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

const digest = (bytes: Buffer): Buffer => createHash("sha256").update(bytes).digest();

/** Compares in constant time. */
const isSame = (given: Buffer, expected: Buffer): boolean => timingSafeEqual(digest(given), digest(expected));

const SCHEME = "bearer ";

/**
 * Tells whether a request over TCP has the token. Its source address proves nothing: a proxy on this machine has the
 * address of this machine.
 * @param token the expected token; if it is empty, no request has it
 */
export function hasToken({ headers: { authorization = "" } }: IncomingMessage, token: string): boolean {
  if (token === "" || authorization.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return false;
  // Node.js decodes headers as latin1.
  return isSame(Buffer.from(authorization.slice(SCHEME.length).trim(), "latin1"), Buffer.from(token, "utf8"));
}
