import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Takes the same time wherever the difference is. */
const isSame = (given: string, expected: string): boolean => timingSafeEqual(digest(given), digest(expected));

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;

/** The names of this machine that no page of somebody else's can take. */
const OWN_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/** What a proxy adds: the request comes from somewhere else. */
const FORWARDED = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/** What a browser says of a request that a page makes. */
const OF_A_PERSON: ReadonlySet<string | string[] | undefined> = new Set([undefined, "none"]);

/**
 * Whether who asks may see and change what is not for everybody: with the token, or from this machine and not on
 * behalf of another one, or of a page in somebody's browser.
 * @param token what is expected; none if it is empty
 */
export function mayAdminister({ headers, socket }: IncomingMessage, token: string): boolean {
  const given = /^Bearer\s+(.+)$/i.exec(headers.authorization ?? "")?.[1];
  if (given !== undefined) return token !== "" && isSame(given, token);
  return (
    LOOPBACK.test(socket.remoteAddress ?? "") &&
    OWN_HOST.test(headers.host ?? "") &&
    FORWARDED.every((name) => headers[name] === undefined) &&
    headers.origin === undefined &&
    OF_A_PERSON.has(headers["sec-fetch-site"])
  );
}
