import { ValueType, type MetricOptions } from "@opentelemetry/api";
import { saneAttributes, saneText } from "./odd-values.ts";

/** Characters of the name of an instrument, one more than the SDK takes. */
const MAX_NAME = 256;

/** Buckets of a histogram. */
const MAX_BOUNDARIES = 1_000;

/** Returns what an instrument can be called. Never throws. */
export const instrumentName = (name: unknown): string => saneText(name).slice(0, MAX_NAME);

/** Returns what an instrument can be made with; throws what a getter throws. */
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

/** Returns boundaries in order, each once: what they are used for looks for a value between two of them. */
function saneBoundaries(boundaries: readonly unknown[]): number[] {
  const numbers = boundaries.slice(0, MAX_BOUNDARIES).filter((each) => typeof each === "number" && !Number.isNaN(each));
  return [...new Set(numbers as number[])].sort((a, b) => a - b);
}

/** A name, a version and options, as tracers, meters and loggers are asked for. */
type Scope<Options> = [name: string, version: string | undefined, options: Options | undefined];

/** Returns what a tracer, meter or logger can be asked for with. Never throws. */
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
