import type { RequestOptions } from "node:http";

/** Converts a URL to request options. A password with an invalid percent-encoding is used as it is written. */
export function requestTarget(url: URL): RequestOptions {
  const { username, password } = url;
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  const options = process.getBuiltinModule("node:url").urlToHttpOptions(bare);
  if (username !== "" || password !== "") options.auth = `${decoded(username)}:${decoded(password)}`;
  return options;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
