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

// What comes out of the parsers of Node.js as it went in, which is nearly everything: to parse it takes longer than all
// else that is said of a request.
const SEGMENT = "[\\w~!$&'()*+,;=:@-][\\w.~!$&'()*+,;=:@-]*";
const PATH = `/(?:${SEGMENT}(?:/${SEGMENT})*/?)?`;
const PARAMETER = "[\\w.*+-]+=[\\w.*+-]*";
const QUERY = `${PARAMETER}(?:&${PARAMETER})*`;
const PLAIN_TARGET = new RegExp(`^(${PATH})(?:[?](${QUERY}))?$`);
const PLAIN_QUERY = new RegExp(`^${QUERY}$`);
const SECRET_PARAMETER = new RegExp(`(?:^|&)(?:${[...SECRETS].join("|")})=`, "i");

/** The path and the query that a server was asked for; of the query no signatures and credentials. */
export function partsOf(target: string, base: string): { path: string | undefined; query: string | undefined } {
  const plain = PLAIN_TARGET.exec(target);
  if (plain !== null) return { path: plain[1], query: plain[2] && redactQuery(plain[2]) };
  const url = URL.parse(target, base);
  return { path: url?.pathname, query: url?.search ? redactQuery(url.search) : undefined };
}

/** A query string whose signatures and credentials cannot be used. */
export function redactQuery(search: string): string {
  if (PLAIN_QUERY.test(search) && !SECRET_PARAMETER.test(search)) return search;
  const parameters = new URLSearchParams(search);
  for (const name of new Set(parameters.keys())) {
    if (SECRETS.has(name.toLowerCase())) parameters.set(name, REDACTED);
  }
  return parameters.toString();
}

/** The target of a request, which is a whole URL where it is sent to a proxy, without credentials and signatures. */
export function redactTarget(target: string): string {
  const [, before, query] = /^([^?#]*)\?([^#]*)/.exec(target) ?? [];
  const path = (before ?? target).replace(/^([a-z][a-z\d+.-]*:\/\/)[^/]*@/i, `$1${REDACTED}:${REDACTED}@`);
  return query === undefined ? path : `${path}?${redactQuery(query)}`;
}
