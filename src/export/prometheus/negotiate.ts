import type { Format } from "./text-format.ts";

/** Maximum characters and entries of a header that are parsed. */
const MAX_CHARACTERS = 2_000;
const MAX_ENTRIES = 50;

/** One entry of an `Accept` header, in lower case. */
interface Accepted {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly quality: number;
}

/** Parses a header of the `Accept` family, best first. */
function acceptedBy(header = ""): Accepted[] {
  const entries = header.slice(0, MAX_CHARACTERS).toLowerCase().split(",", MAX_ENTRIES);
  return entries.map(acceptedOf).sort((a, b) => b.quality - a.quality);
}

function acceptedOf(entry: string): Accepted {
  const [name = "", ...parameters] = entry.split(";").map((part) => part.trim());
  const quality = parameters.find((parameter) => parameter.startsWith("q="));
  const value = quality === undefined ? 1 : Number(quality.slice(2));
  return { name, parameters, quality: value >= 0 && value <= 1 ? value : 0 };
}

/** Returns the format of a media range; undefined if it is not one of ours. */
function formatOf({ name, parameters }: Accepted): Format | undefined {
  const version = parameters.find((parameter) => parameter.startsWith("version="))?.slice("version=".length);
  if (name === "application/openmetrics-text")
    return version === undefined || version === "1.0.0" ? "openmetrics" : undefined;
  if (name === "text/plain") return version === undefined || version === "0.0.4" ? "text" : undefined;
  return name === "text/*" || name === "*/*" ? "text" : undefined;
}

/**
 * Returns the format that a scraper prefers; the classic text if it has no preference, or accepts none of our formats.
 */
export function negotiate(accept: string | undefined): Format {
  const wanted = acceptedBy(accept).filter((range) => range.quality > 0 && formatOf(range) !== undefined);
  return wanted[0] === undefined ? "text" : formatOf(wanted[0])!;
}

/** Tells whether a client accepts gzip and does not prefer an uncompressed response. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const accepted = acceptedBy(acceptEncoding);
  const qualityOf = (...names: readonly string[]): number | undefined =>
    accepted.find(({ name }) => names.includes(name))?.quality;
  const gzip = qualityOf("gzip", "x-gzip") ?? qualityOf("*") ?? 0;
  return gzip > 0 && gzip >= (qualityOf("identity") ?? 0);
}
