/** The parts of OTLP/JSON the demo reads. Integers of 64 bits come as numbers or as strings. */
type Integer = number | string;

export interface OtlpAttribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: Integer; readonly doubleValue?: number };
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
}

export interface OtlpMetrics {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly OtlpMetric[] }[];
  }[];
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

/** Attributes by their names. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

export function readAttributes(attributes: readonly OtlpAttribute[]): Attributes {
  return Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, doubleValue } }) => {
      return [key, stringValue ?? doubleValue ?? (intValue === undefined ? undefined : Number(intValue))];
    }),
  );
}
