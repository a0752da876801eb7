/** Known methods. Any other is reported as one value, since a client can send any text. */
const KNOWN: ReadonlySet<string> = new Set([
  "CONNECT",
  "DELETE",
  "GET",
  "HEAD",
  "OPTIONS",
  "PATCH",
  "POST",
  "PUT",
  "QUERY",
  "TRACE",
]);

/** Returns the value of `http.request.method`. */
export const knownMethod = (method: string): string => (KNOWN.has(method) ? method : "_OTHER");

/** Returns the method as it appears in span names. */
export const methodInName = (method: string): string => (KNOWN.has(method) ? method : "HTTP");
