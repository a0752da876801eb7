/** Query parameters that are signatures or credentials, in lower case. */
const SECRETS: ReadonlySet<string> = new Set([
  "awsaccesskeyid",
  "sig",
  "signature",
  "x-amz-credential",
  "x-amz-security-token",
  "x-amz-signature",
  "x-goog-signature",
]);

const REDACTED = "REDACTED";

/** Length of the longest secret name with each character escaped. */
const MAX_ESCAPED_NAME = 3 * Math.max(...Array.from(SECRETS, (name) => name.length));

/** Maximum length of a target that is parsed; Node.js accepts as much for all headers together by default. */
const MAX_TARGET = 16_384;

/** Pattern of a secret parameter, and of one with an escape in its name, which may hide a secret. */
const SECRET =
  /(?:^|&)(?:awsaccesskeyid|sig|signature|x-amz-credential|x-amz-security-token|x-amz-signature|x-goog-signature)=/i;
const ESCAPED = /(?:^|&)[^=&%]*%/;
const ABSOLUTE_FORM = /^([a-z][a-z\d+.-]*):\/\/([^/?#]*)/i;

/** Parts of a request target; a missing part is undefined. */
export interface Target {
  readonly scheme?: string;
  /** Host and port, with the credentials that precede them. */
  readonly authority?: string;
  readonly path?: string | undefined;
  /** The query without signatures and credentials. */
  readonly query?: string | undefined;
}

/**
 * Parses a request target as it was written, in each of its forms: `/path?query`, `http://host/path`, `*`, and the
 * `host:port` of CONNECT.
 */
export function readTarget(method: string, target: string): Target {
  const text = target.length > MAX_TARGET ? target.slice(0, MAX_TARGET) : target;
  if (method === "CONNECT") return { authority: text };
  if (text.startsWith("/") || text === "*") return pathAndQuery(text);
  const [origin, scheme, authority] = ABSOLUTE_FORM.exec(text) ?? [];
  if (origin === undefined) return pathAndQuery(text);
  const { path, query } = pathAndQuery(text.slice(origin.length));
  return { scheme: scheme!.toLowerCase(), authority: authority!, path: path ?? "/", query };
}

function pathAndQuery(text: string): Target {
  const fragment = text.indexOf("#");
  const end = fragment === -1 ? text.length : fragment;
  const mark = text.indexOf("?");
  if (mark === -1 || mark >= end) return { path: text.slice(0, end) || undefined, query: undefined };
  return { path: text.slice(0, mark) || undefined, query: redactQuery(text.slice(mark + 1, end)) || undefined };
}

/** Returns a query string as it was written, with signatures and credentials redacted. */
export function redactQuery(search: string): string {
  const text = search.length > MAX_TARGET ? search.slice(0, MAX_TARGET) : search;
  return SECRET.test(text) || ESCAPED.test(text) ? text.split("&").map(redactParameter).join("&") : text;
}

function redactParameter(parameter: string): string {
  const end = parameter.indexOf("=");
  if (end === -1 || end > MAX_ESCAPED_NAME) return parameter;
  const name = parameter.slice(0, end);
  return SECRETS.has(unescaped(name).toLowerCase()) ? `${name}=${REDACTED}` : parameter;
}

const unescaped = (name: string): string =>
  name.replace(/%([\da-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

/**
 * Returns a request target without credentials and signatures. The target is a complete URL if it is sent to a proxy.
 */
export function redactTarget(target: string): string {
  const text = target.length > MAX_TARGET ? target.slice(0, MAX_TARGET) : target;
  const [, before, query] = /^([^?#]*)\?([^#]*)/.exec(text) ?? [];
  const path = (before ?? text).replace(/^([a-z][a-z\d+.-]*:\/\/)[^/]*@/i, `$1${REDACTED}:${REDACTED}@`);
  return query === undefined ? path : `${path}?${redactQuery(query)}`;
}
