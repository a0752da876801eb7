import { ValueType, type MetricOptions } from "@opentelemetry/api";
import { saneAttributes, saneText } from "./odd-values.ts";

/** Maximum characters of an instrument name, one more than the SDK accepts. */
const MAX_NAME = 256;

/** Maximum buckets of a histogram. */
const MAX_BOUNDARIES = 1_000;

/** Returns a valid instrument name. Never throws. */
export const instrumentName = (name: unknown): string => saneText(name).slice(0, MAX_NAME);

/** Returns valid options of an instrument. Throws the error of a getter that throws. */
export function instrumentOptions(options: unknown): MetricOptions {
  if (typeof options !== "object" || options === null) return {};
  const { description, unit, valueType, advice } = options as MetricOptions;
  const boundaries: unknown = advice?.explicitBucketBoundaries;
  return {
    ...(description !== undefined && { description: saneText(description) }),
    ...(unit !== undefined && { unit: saneText(unit) }),
    ...(valueType === ValueType.INT && { valueType }),
    ...(Array.isArray(boundaries) && { advice: { explicitBucketBoundaries: saneBoundaries(boundaries) } }),
  };
}

/** Returns boundaries in ascending order without duplicates, as recording searches for a value between two of them. */
function saneBoundaries(boundaries: readonly unknown[]): number[] {
  const numbers = boundaries.slice(0, MAX_BOUNDARIES).filter((each) => typeof each === "number" && !Number.isNaN(each));
  return [...new Set(numbers as number[])].sort((a, b) => a - b);
}

/** Arguments with which tracers, meters and loggers are requested: a name, a version and options. */
type Scope<Options> = [name: string, version: string | undefined, options: Options | undefined];

/** Returns valid arguments for a tracer, meter or logger. Never throws. */
export function saneScope<Options>([name, version, options]: readonly unknown[]): Scope<Options> {
  const sane = version === undefined || version === null ? undefined : saneText(version);
  return [saneText(name ?? ""), sane, saneOptions(options) as Options | undefined];
}

function saneOptions(options: unknown): object | undefined {
  if (typeof options !== "object" || options === null) return undefined;
  try {
    const { schemaUrl, attributes } = options as { schemaUrl?: unknown; attributes?: unknown };
    const schema = schemaUrl === undefined || schemaUrl === null ? undefined : { schemaUrl: saneText(schemaUrl) };
    return { ...schema, ...(attributes !== undefined && { attributes: saneAttributes(attributes) }) };
  } catch {
    return undefined;
  }
}
