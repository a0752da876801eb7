import type { Attributes } from "@opentelemetry/api";
import {
  DataPointType,
  type DataPoint,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import { collectFamilies, describedName, type Family } from "./families.ts";
import { labels, scopeLabels, seriesLabels } from "./labels.ts";
import { goFloat, numberText } from "./go-float.ts";
import { countedOmissions, type Omissions } from "./omissions.ts";
import type { ExemplaryPoint, PointExemplar } from "../../metrics/producer.ts";

/** Text formats of Prometheus. Only OpenMetrics supports exemplars. */
export type Format = "text" | "openmetrics";

/** Bytes of a page after which no more series are written: ten times the size of a large application's page. */
const MAX_PAGE_BYTES = 16 * 1024 * 1024;

/**
 * Lines from which a page may exceed that size. The smallest families are then written first, so that all but the
 * largest are complete.
 */
const MANY_LINES = 40_000;

/** Limits of a page. */
export interface PageLimits {
  /** Bytes after which no more series are written. */
  readonly most: number;
  readonly omissions: Omissions;
}

/**
 * Renders the metrics as encoded text. Series carry the name of their scope; the resource appears once, as target info.
 */
export function expose(
  { resource, scopeMetrics }: ResourceMetrics,
  format: Format,
  { most = MAX_PAGE_BYTES, omissions = countedOmissions }: Partial<PageLimits> = {},
): Buffer {
  const writer = new Writer(format, { most, omissions });
  writer.target(resource.attributes);
  for (const family of inOrder(collectFamilies(scopeMetrics, omissions))) writer.family(family);
  return writer.end();
}

function inOrder(families: readonly Family[]): readonly Family[] {
  const sizes = new Map(families.map((family) => [family, linesOf(family)]));
  const lines = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  return lines < MANY_LINES ? families : families.toSorted((a, b) => sizes.get(a)! - sizes.get(b)!);
}

/** Returns the maximum number of lines of a family. */
const linesOf = ({ metrics }: Family): number =>
  metrics.reduce((lines, { metric }) => lines + metric.dataPoints.length * linesOfPoint(metric), 0);

/** Lines of a histogram beside its buckets. */
const OTHER_LINES = 3;

function linesOfPoint({ dataPointType, dataPoints }: MetricData): number {
  if (dataPointType === DataPointType.HISTOGRAM) return dataPoints[0]!.value.buckets.boundaries.length + OTHER_LINES;
  if (dataPointType !== DataPointType.EXPONENTIAL_HISTOGRAM) return 1;
  return dataPoints[0]!.value.positive.bucketCounts.length + OTHER_LINES;
}

/** Expected bytes of a page, from the size of the previous one. */
let expected = 64 * 1024;

/** Maximum characters of a description. The rest is cut. */
const MAX_HELP_LENGTH = 1000;

/** Maximum bytes of UTF-8 for one code unit of a string. */
const MAX_CHARACTER_BYTES = 3;

/** Maximum bytes of a line beside its series, a bound and an exemplar: the longest number and the punctuation. */
const MAX_END_BYTES = 32;

const NEWLINE = 10;
const ZERO = 48;

/**
 * Writer of one page, which encodes each series at once: for a large page, building, joining and encoding the text
 * would be three passes. Most of a page consists of histogram buckets, and most of each bucket line repeats the start
 * of the previous one.
 */
class Writer {
  readonly #openMetrics: boolean;
  readonly #most: number;
  readonly #omissions: Omissions;
  #page = Buffer.allocUnsafe(expected);
  #length = 0;
  /** Labels of the series of a family, which must be unique. */
  readonly #series = new Set<string>();

  constructor(format: Format, { most, omissions }: PageLimits) {
    this.#openMetrics = format === "openmetrics";
    this.#most = most;
    this.#omissions = omissions;
  }

  end(): Buffer {
    if (this.#openMetrics) this.#write("# EOF\n");
    expected = Math.ceil(this.#length * 1.1);
    return this.#page.subarray(0, this.#length);
  }

  target(attributes: Attributes): void {
    const name = this.#openMetrics ? "target" : "target_info";
    this.#write(`# TYPE ${name} ${this.#openMetrics ? "info" : "gauge"}\n# HELP ${name} Target metadata\n`);
    this.#write(`target_info${braces(labels(attributes))} 1\n`);
  }

  family(family: Family): void {
    const { name, type, help, unit, metrics } = family;
    const described = this.#openMetrics ? describedName(family) : name;
    const start = this.#length;
    this.#write(`# TYPE ${described} ${type}\n`);
    // OpenMetrics allows a unit only if the name ends with it.
    if (unit !== "" && described.endsWith(`_${unit}`)) this.#write(`# UNIT ${described} ${unit}\n`);
    if (help !== "") this.#write(`# HELP ${described} ${this.#escapeHelp(help)}\n`);
    const titled = this.#length;
    this.#series.clear();
    for (const { metric, scope } of metrics) {
      const labels = scopeLabels(scope);
      for (const point of metric.dataPoints) this.#point(name, metric, point, labels);
    }
    // Without series there is nothing to describe.
    if (this.#length === titled) this.#length = start;
  }

  /** Writes a series. If it cannot be written, only the series is lost, not the page. */
  // oxlint-disable-next-line max-params -- context that a point does not contain
  #point(name: string, metric: MetricData, point: DataPoint<unknown>, scope: string): void {
    if (this.#length >= this.#most)
      return this.#omissions.add("page_full", 1, `a page ends at ${this.#most} bytes; the series beyond are left out`);
    const start = this.#length;
    try {
      const series = seriesLabels(point, scope);
      if (this.#series.has(series))
        return this.#omissions.add("duplicate_series", 1, `${name} has a series twice; the second is left out`);
      this.#series.add(series);
      this.#value(name, series, metric, point);
    } catch {
      this.#length = start;
      this.#omissions.add("unserializable", 1, `a series of ${name} cannot be written and is left out`);
    }
  }

  // oxlint-disable-next-line max-params -- the parts of a series
  #value(name: string, series: string, { dataPointType, ...metric }: MetricData, point: DataPoint<unknown>): void {
    if (dataPointType === DataPointType.HISTOGRAM)
      return this.#histogram(name, series, point.value as Histogram, exemplarsOf(point as DataPoint<Histogram>));
    if (dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM)
      return this.#histogram(name, series, withExplicitBounds(point.value as ExponentialHistogram));
    const value = point.value as number;
    const isCounter = "isMonotonic" in metric && metric.isMonotonic;
    if (isCounter && !(value >= 0))
      return this.#omissions.add(
        "invalid_value",
        1,
        `a series of the counter ${name} is negative or no number; it is left out`,
      );
    this.#write(`${name}${braces(series)} ${numberText(value)}\n`);
  }

  // oxlint-disable-next-line max-params -- one line of text has this many parts
  #histogram(
    name: string,
    series: string,
    histogram: Histogram,
    exemplars: readonly (PointExemplar | undefined)[] = [],
  ): void {
    const { boundaries, counts } = histogram.buckets;
    const bounds = boundTexts(boundaries, this.#openMetrics);
    const start = this.#length;
    this.#write(`${name}_bucket{${series}${series === "" ? "" : ","}le="`);
    const end = this.#length;
    this.#length = start;
    let cumulative = 0;
    for (let i = 0; i < counts.length; i++) {
      cumulative += counts[i]!;
      const bound = bounds[i];
      if (bound === undefined) continue;
      this.#repeat(start, end);
      this.#bucket(bound, cumulative, this.#exemplar(exemplars[i]));
    }
    const { sum } = histogram;
    // In OpenMetrics a sum must not decrease, so it is left out beside negative bounds, and without a sum there is no
    // count.
    const isTotalled = sum !== undefined && (!this.#openMetrics || (sum >= 0 && !(boundaries[0]! < 0)));
    if (isTotalled) this.#write(`${name}_sum${braces(series)} ${numberText(sum)}\n`);
    if (isTotalled || !this.#openMetrics) this.#write(`${name}_count${braces(series)} ${cumulative}\n`);
  }

  /** Copies a range of the page to its end. */
  #repeat(start: number, end: number): void {
    this.#reserve(end - start);
    this.#page.copyWithin(this.#length, start, end);
    this.#length += end - start;
  }

  /** Writes the rest of a bucket line. */
  #bucket(bound: Uint8Array, count: number, exemplar: string): void {
    this.#reserve(bound.length + MAX_END_BYTES);
    this.#page.set(bound, this.#length);
    this.#length += bound.length;
    this.#whole(count);
    if (exemplar !== "") this.#write(exemplar);
    this.#page[this.#length++] = NEWLINE;
  }

  /** Writes a whole number that is not negative. */
  #whole(value: number): void {
    if (value > 0x7fffffff) return this.#write(String(value));
    const page = this.#page;
    let digits = 1;
    for (let bound = 10; value >= bound; bound *= 10) digits++;
    let left = value | 0;
    this.#length += digits;
    for (let at = this.#length; digits > 0; digits--) {
      const rest = (left / 10) | 0;
      page[--at] = ZERO + left - 10 * rest;
      left = rest;
    }
  }

  #exemplar(exemplar: PointExemplar | undefined): string {
    if (exemplar === undefined || !this.#openMetrics) return "";
    const { spanContext, value, time } = exemplar;
    const seconds = (time[0] + time[1] / 1e9).toFixed(3);
    return ` # {trace_id="${spanContext.traceId}",span_id="${spanContext.spanId}"} ${value} ${seconds}`;
  }

  #write(text: string): void {
    this.#reserve(MAX_CHARACTER_BYTES * text.length + MAX_END_BYTES);
    this.#length += this.#page.write(text, this.#length);
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed > this.#page.length) this.#page = Buffer.concat([this.#page], 2 * needed);
  }

  #escapeHelp(help: string): string {
    const escaped = help.slice(0, MAX_HELP_LENGTH).replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
    return this.#openMetrics ? escaped.replaceAll('"', '\\"') : escaped;
  }
}

type Bounds = readonly (Uint8Array | undefined)[];

const boundsOf = {
  text: new WeakMap<readonly number[], Bounds>(),
  openMetrics: new WeakMap<readonly number[], Bounds>(),
};

/**
 * Returns the text of each bound up to the number, cached because all series of a histogram have the same bounds. A
 * bound that is NaN, or not above those before it, has no line: its values are counted in the next.
 */
function boundTexts(boundaries: readonly number[], isOpenMetrics: boolean): Bounds {
  const known = isOpenMetrics ? boundsOf.openMetrics : boundsOf.text;
  let texts = known.get(boundaries);
  if (texts === undefined) {
    let last = -Infinity;
    const rising = boundaries.map((bound) => (bound > last && bound < Infinity ? (last = bound) : undefined));
    texts = [...rising, Infinity].map((bound) =>
      bound === undefined ? undefined : Buffer.from(`${boundText(bound, isOpenMetrics)}"} `),
    );
    known.set(boundaries, texts);
  }
  return texts;
}

/** Formats a bound. Both formats use Go's form; OpenMetrics requires a decimal point in each number. */
function boundText(bound: number, isOpenMetrics: boolean): string {
  const text = goFloat(bound);
  return isOpenMetrics && /^-?[0-9]+$/.test(text) ? `${text}.0` : text;
}

const exemplarsOf = (point: DataPoint<Histogram>): ExemplaryPoint["exemplars"] => (point as ExemplaryPoint).exemplars;

const braces = (series: string): string => (series === "" ? "" : `{${series}}`);

/**
 * Converts a base-2 exponential histogram to one with a bucket per power of two: the text formats have no native form
 * of it.
 */
function withExplicitBounds({ scale, positive, negative, zeroCount, sum, count }: ExponentialHistogram): Histogram {
  const belowZero = negative.bucketCounts.reduce((total, bucketCount) => total + bucketCount, 0);
  const octaves = new Map<number, number>([[-Infinity, zeroCount + belowZero]]);
  positive.bucketCounts.forEach((bucketCount, i) => {
    const octave = Math.ceil((positive.offset + i + 1) / 2 ** scale);
    octaves.set(octave, (octaves.get(octave) ?? 0) + bucketCount);
  });
  const buckets = [...octaves].sort(([a], [b]) => a - b);
  return {
    buckets: { boundaries: buckets.map(([octave]) => 2 ** octave), counts: [...buckets.map(([, n]) => n), 0] },
    count,
    ...(sum === undefined ? undefined : { sum }),
  };
}
