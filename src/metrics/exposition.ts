import { diag, type Attributes } from "@opentelemetry/api";
import {
  DataPointType,
  type DataPoint,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
  type ScopeMetrics,
} from "@opentelemetry/sdk-metrics";
import { prometheusLabel, prometheusName, prometheusUnit } from "./naming.ts";
import type { ExemplaryPoint, PointExemplar } from "./producer.ts";

/** The text formats of Prometheus; only OpenMetrics has a place for exemplars. */
export type Format = "text" | "openmetrics";

type Scope = ScopeMetrics["scope"];

/** Everything with one name: the metrics of several scopes share its TYPE, HELP and UNIT. */
interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly unit: string;
  readonly metrics: { readonly metric: MetricData; readonly scope: Scope }[];
}

/** The metrics as text, encoded. Series of a scope carry its name; the resource appears once, as target info. */
export function expose({ resource, scopeMetrics }: ResourceMetrics, format: Format): Buffer {
  const writer = new Writer(format);
  writer.target(resource.attributes);
  for (const family of collectFamilies(scopeMetrics)) writer.family(family);
  return writer.end();
}

/** Families by name, in order. Of two types under one name the first is kept and the conflict reported. */
function collectFamilies(scopes: readonly ScopeMetrics[]): Iterable<Family> {
  /** A counter under both of its names, so that what is left out of one format is left out of the other. */
  const families = new Map<string, Family>();
  for (const { scope, metrics } of scopes) {
    for (const metric of metrics) {
      const shape = familyOf(metric);
      const names = [shape.name, withoutTotal(shape)];
      const family = names.map((name) => families.get(name)).find((known) => known !== undefined);
      if (family?.type === shape.type) family.metrics.push({ metric, scope });
      else if (family !== undefined) reportConflict(family, shape);
      else {
        const first = { ...shape, metrics: [{ metric, scope }] };
        for (const name of names) families.set(name, first);
      }
    }
  }
  return new Set(families.values());
}

/** The name OpenMetrics describes a counter by. */
const withoutTotal = ({ name, type }: Pick<Family, "name" | "type">): string =>
  type === "counter" ? name.replace(/_total$/, "") : name;

/** The conflicts that have been reported: not once for each scrape. */
const reported = new Set<string>();

function reportConflict(kept: Pick<Family, "name" | "type">, other: Pick<Family, "name" | "type">): void {
  const message = `/metrics: ${other.name} is both a ${kept.type} and a ${other.type}; the ${other.type} is left out`;
  if (!reported.has(message)) diag.warn(message);
  reported.add(message);
}

function familyOf(metric: MetricData): Omit<Family, "metrics"> {
  const { name, unit, description: help } = metric.descriptor;
  const instrument = instrumentOf(metric);
  return {
    name: prometheusName({ name, unit, instrument }),
    type: instrument === "updowncounter" ? "gauge" : instrument,
    help,
    unit: prometheusUnit(unit),
  };
}

function instrumentOf(metric: MetricData): "counter" | "updowncounter" | "gauge" | "histogram" {
  if (metric.dataPointType === DataPointType.GAUGE) return "gauge";
  if (metric.dataPointType === DataPointType.SUM) return metric.isMonotonic ? "counter" : "updowncounter";
  return "histogram";
}

/** Bytes a page is expected to have: what the one before had. */
let expected = 64 * 1024;

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
  #page = Buffer.allocUnsafe(expected);
  #length = 0;

  constructor(format: Format) {
    this.#openMetrics = format === "openmetrics";
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
    const described = this.#openMetrics ? withoutTotal(family) : name;
    this.#write(`# TYPE ${described} ${type}\n`);
    // OpenMetrics allows a unit only where the name ends with it.
    if (unit !== "" && described.endsWith(`_${unit}`)) this.#write(`# UNIT ${described} ${unit}\n`);
    if (help !== "") this.#write(`# HELP ${described} ${this.#escapeHelp(help)}\n`);
    for (const { metric, scope } of metrics) this.#metric(name, metric, scopeLabels(scope));
  }

  #metric(name: string, metric: MetricData, scope: string): void {
    switch (metric.dataPointType) {
      case DataPointType.HISTOGRAM:
        for (const point of metric.dataPoints)
          this.#histogram(name, seriesLabels(point, scope), point.value, exemplarsOf(point));
        break;
      case DataPointType.EXPONENTIAL_HISTOGRAM:
        for (const point of metric.dataPoints)
          this.#histogram(name, seriesLabels(point, scope), withExplicitBounds(point.value));
        break;
      default:
        for (const point of metric.dataPoints)
          this.#write(`${name}${braces(seriesLabels(point, scope))} ${point.value}\n`);
    }
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
    let cumulative = 0;
    for (let i = 0; i < counts.length; i++) {
      cumulative += counts[i]!;
      if (i > 0) this.#repeat(start, end);
      this.#bucket(bounds[i]!, cumulative, this.#exemplar(exemplars[i]));
    }
    if (histogram.sum !== undefined) this.#write(`${name}_sum${braces(series)} ${histogram.sum}\n`);
    this.#write(`${name}_count${braces(series)} ${histogram.count}\n`);
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
    const escaped = help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
    return this.#openMetrics ? escaped.replaceAll('"', '\\"') : escaped;
  }
}

const boundsOf = {
  text: new WeakMap<readonly number[], readonly Uint8Array[]>(),
  openMetrics: new WeakMap<readonly number[], readonly Uint8Array[]>(),
};

/** All series of a histogram have the same bounds, so what a line has of one, up to the number, is made once. */
function boundTexts(boundaries: readonly number[], isOpenMetrics: boolean): readonly Uint8Array[] {
  const known = isOpenMetrics ? boundsOf.openMetrics : boundsOf.text;
  let texts = known.get(boundaries);
  if (texts === undefined) {
    texts = [...boundaries, Infinity].map((bound) => Buffer.from(`${boundText(bound, isOpenMetrics)}"} `));
    known.set(boundaries, texts);
  }
  return texts;
}

/** Both formats write a bound as Go does; OpenMetrics wants a point in each number. */
function boundText(bound: number, isOpenMetrics: boolean): string {
  const text = goFloat(bound);
  return isOpenMetrics && /^[0-9]+$/.test(text) ? `${text}.0` : text;
}

const exemplarsOf = (point: DataPoint<Histogram>): ExemplaryPoint["exemplars"] => (point as ExemplaryPoint).exemplars;

const braces = (series: string): string => (series === "" ? "" : `{${series}}`);

function seriesLabels({ attributes }: DataPoint<unknown>, scope: string): string {
  const own = labels(attributes);
  return own === "" || scope === "" ? own + scope : `${own},${scope}`;
}

/** The attribute sets of bound series never change, so their text is made once. */
const labelTexts = new WeakMap<Attributes, string>();

function labels(attributes: Attributes): string {
  let text = labelTexts.get(attributes);
  if (text === undefined) {
    text = renderLabels(attributes);
    labelTexts.set(attributes, text);
  }
  return text;
}

/** The labels a line has beside those of the point's attributes. */
const OWN_LABELS: ReadonlySet<string> = new Set([
  "le",
  "otel_scope_name",
  "otel_scope_version",
  "otel_scope_schema_url",
]);

/** An attribute that would become one of our own labels is renamed, as Prometheus does with labels of its own. */
function labelOf(key: string): string {
  const label = prometheusLabel(key);
  return OWN_LABELS.has(label) ? `exported_${label}` : label;
}

/** Keys that become one label are joined, as the specification asks, ordered by key. */
function renderLabels(attributes: Attributes): string {
  const values = new Map<string, string>();
  for (const key of Object.keys(attributes).sort()) {
    const label = labelOf(key);
    const text = valueText(attributes[key]);
    const earlier = values.get(label);
    values.set(label, earlier === undefined ? text : `${earlier};${text}`);
  }
  return Array.from(values, ([label, value]) => `${label}="${escapeLabel(value)}"`).join(",");
}

const valueText = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));

const escapeLabel = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');

function scopeLabels({ name, version, schemaUrl }: Scope): string {
  const parts = { otel_scope_name: name, otel_scope_version: version, otel_scope_schema_url: schemaUrl };
  const given = Object.entries(parts).filter((part): part is [string, string] => Boolean(part[1]));
  return given.map(([label, value]) => `${label}="${escapeLabel(value)}"`).join(",");
}

/** A number as Go prints it, which is what the canonical form of bucket bounds is defined by: `1e-06`, `0.5`. */
export function goFloat(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : value < 0 ? "-Inf" : "NaN";
  const [digits, power] = value.toExponential().split("e") as [string, string];
  const exponent = Number(power);
  if (value === 0 || (exponent >= -4 && exponent < 6)) return String(value);
  return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** A base-2 exponential histogram with one bucket per power of two: the text formats have no native form of it. */
function withExplicitBounds({ scale, positive, zeroCount, count, sum }: ExponentialHistogram): Histogram {
  const octaves = new Map<number, number>([[-Infinity, zeroCount]]);
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
