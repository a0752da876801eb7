/** The methods that are told apart; any other is one value, since a client can send what it likes. */
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

/** The value of `http.request.method`. */
export const knownMethod = (method: string): string => (KNOWN.has(method) ? method : "_OTHER");

/** What a method is called in the name of a span. */
export const methodInName = (method: string): string => (KNOWN.has(method) ? method : "HTTP");
