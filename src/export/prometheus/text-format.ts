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

/** The text formats of Prometheus; only OpenMetrics has a place for exemplars. */
export type Format = "text" | "openmetrics";

/** Bytes of a page after which no more series are written: ten times what a large application has. */
const MAX_PAGE_BYTES = 16 * 1024 * 1024;

/** Lines from which a page may be longer than that. The smallest families are written first then, so that each but the largest is whole. */
const MANY_LINES = 40_000;

/** What bounds a page. */
export interface PageLimits {
  /** Bytes after which no more series are written. */
  readonly most: number;
  readonly omissions: Omissions;
}

/** The metrics as text, encoded. Series of a scope carry its name; the resource appears once, as target info. */
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

/** Lines a family takes at most. */
const linesOf = ({ metrics }: Family): number =>
  metrics.reduce((lines, { metric }) => lines + metric.dataPoints.length * linesOfPoint(metric), 0);

/** Lines of a histogram beside its buckets. */
const OTHER_LINES = 3;

function linesOfPoint({ dataPointType, dataPoints }: MetricData): number {
  if (dataPointType === DataPointType.HISTOGRAM) return dataPoints[0]!.value.buckets.boundaries.length + OTHER_LINES;
  if (dataPointType !== DataPointType.EXPONENTIAL_HISTOGRAM) return 1;
  return dataPoints[0]!.value.positive.bucketCounts.length + OTHER_LINES;
}

/** Bytes a page is expected to have: what the one before had. */
let expected = 64 * 1024;

/** Characters of a description; more is cut. */
const MAX_HELP_LENGTH = 1000;

/** Bytes of UTF-8 that a unit of a string can take. */
const LONGEST_CHARACTER = 3;

/** Bytes of a line beside what its series begins with, a bound and an exemplar: the longest number, and the rest. */
const LONGEST_END = 32;

const NEWLINE = 10;
const ZERO = 48;

/**
 * Builds one page, series by series and encoded at once: the text of a large one would be built, joined and encoded in
 * turn. Nearly all of a page are the buckets of histograms, and of each nearly all is what the one before begins with.
 */
class Writer {
  readonly #openMetrics: boolean;
  readonly #most: number;
  readonly #omissions: Omissions;
  #page = Buffer.allocUnsafe(expected);
  #length = 0;
  /** The labels of the series of a family: none may be there twice. */
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
    // OpenMetrics allows a unit only where the name ends with it.
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

  /** Writes a series; one that cannot be written costs itself and not the page. */
  // oxlint-disable-next-line max-params -- what a point does not know of itself
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
    // In OpenMetrics a sum only rises, so there is none beside bounds below zero, and without it no count.
    const isTotalled = sum !== undefined && (!this.#openMetrics || (sum >= 0 && !(boundaries[0]! < 0)));
    if (isTotalled) this.#write(`${name}_sum${braces(series)} ${numberText(sum)}\n`);
    if (isTotalled || !this.#openMetrics) this.#write(`${name}_count${braces(series)} ${cumulative}\n`);
  }

  /** Writes again what the page has from one place to another. */
  #repeat(start: number, end: number): void {
    this.#reserve(end - start);
    this.#page.copyWithin(this.#length, start, end);
    this.#length += end - start;
  }

  /** The rest of a line. */
  #bucket(bound: Uint8Array, count: number, exemplar: string): void {
    this.#reserve(bound.length + LONGEST_END);
    this.#page.set(bound, this.#length);
    this.#length += bound.length;
    this.#whole(count);
    if (exemplar !== "") this.#write(exemplar);
    this.#page[this.#length++] = NEWLINE;
  }

  /** A whole number that is not negative. */
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
    this.#reserve(LONGEST_CHARACTER * text.length + LONGEST_END);
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
 * All series of a histogram have the same bounds, so what a line has of one, up to the number, is made once. One that is
 * not above those before it, or is no number, has no line: its values are counted in the next.
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

/** Both formats write a bound as Go does; OpenMetrics wants a point in each number. */
function boundText(bound: number, isOpenMetrics: boolean): string {
  const text = goFloat(bound);
  return isOpenMetrics && /^-?[0-9]+$/.test(text) ? `${text}.0` : text;
}

const exemplarsOf = (point: DataPoint<Histogram>): ExemplaryPoint["exemplars"] => (point as ExemplaryPoint).exemplars;

const braces = (series: string): string => (series === "" ? "" : `{${series}}`);

/** A base-2 exponential histogram with one bucket per power of two: the text formats have no native form of it. */
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
