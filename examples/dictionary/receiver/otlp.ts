/** The parts of OTLP/JSON the demo reads. Integers of 64 bits come as numbers or as strings. */
type Integer = number | string;

interface OtlpValue {
  readonly stringValue?: string;
  readonly intValue?: Integer;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
  readonly arrayValue?: { readonly values: readonly OtlpValue[] };
}

export interface OtlpAttribute {
  readonly key: string;
  readonly value: OtlpValue;
}

interface OtlpResource {
  readonly resource: { readonly attributes: readonly OtlpAttribute[] };
}

export interface OtlpNumberPoint {
  readonly attributes: readonly OtlpAttribute[];
  readonly asInt?: Integer;
  readonly asDouble?: number;
}

export interface OtlpHistogramPoint {
  readonly attributes: readonly OtlpAttribute[];
  readonly count: Integer;
  readonly sum: number;
  readonly max: number;
  readonly scale: number;
  readonly zeroCount: Integer;
  readonly positive: { readonly offset: number; readonly bucketCounts: readonly Integer[] };
}

interface OtlpMetric {
  readonly name: string;
  readonly exponentialHistogram?: { readonly dataPoints: readonly OtlpHistogramPoint[] };
  readonly gauge?: { readonly dataPoints: readonly OtlpNumberPoint[] };
  readonly sum?: { readonly dataPoints: readonly OtlpNumberPoint[] };
}

export interface OtlpMetrics {
  readonly resourceMetrics: readonly (OtlpResource & {
    readonly scopeMetrics: readonly { readonly metrics: readonly OtlpMetric[] }[];
  })[];
}

export interface OtlpLog {
  readonly eventName?: string;
  readonly traceId?: string;
  readonly attributes: readonly OtlpAttribute[];
}

export interface OtlpLogs {
  readonly resourceLogs: readonly { readonly scopeLogs: readonly { readonly logRecords: readonly OtlpLog[] }[] }[];
}

export interface OtlpSpan {
  readonly traceId: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly OtlpAttribute[];
}

export interface OtlpSpans {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[] }[];
}

type Value = string | number;

/** Attributes by their names. Booleans are read as text, and lists as their parts separated by commas. */
export type Attributes = Readonly<Record<string, Value | undefined>>;

export function readAttributes(attributes: readonly OtlpAttribute[]): Attributes {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, readValue(value)]));
}

function readValue({ stringValue, intValue, doubleValue, boolValue, arrayValue }: OtlpValue): Value {
  if (arrayValue !== undefined) return arrayValue.values.map(readValue).join(", ");
  return stringValue ?? doubleValue ?? (boolValue === undefined ? Number(intValue) : String(boolValue));
}
