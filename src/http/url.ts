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

/** A query string whose signatures and credentials cannot be used. */
export function redactQuery(search: string): string {
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
