import type { Attributes } from "@opentelemetry/api";
import {
  DataPointType,
  type DataPoint,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import type { AliasSet } from "../../config/alias-set.ts";
import { aliases, setOf, type Alias, type Selection } from "./alias-table.ts";

/** Scope of the other names: none, so that a series has the labels of its table only. */
const SCOPE = { name: "" };

type Point = DataPoint<number | Histogram>;

/** Point that others are added to. It has the form of those of our producer, so that the same code writes both as fast. */
interface Sum extends Omit<Point, "value"> {
  value: number | Histogram;
}

/** Returns the metrics, followed by those under the names of the sets. */
export function withAliases(metrics: ResourceMetrics, sets: readonly AliasSet[]): ResourceMetrics {
  if (sets.length === 0) return metrics;
  const sources = metricsByName(metrics);
  const added = aliases
    .filter(({ name }) => sets.includes(setOf(name)))
    .flatMap((alias) => renamed(alias, sources.get(alias.source.name) ?? []));
  return { ...metrics, scopeMetrics: [...metrics.scopeMetrics, { scope: SCOPE, metrics: added }] };
}

/** Groups all metrics by name: a package of the application's can report the same as we do. */
function metricsByName({ scopeMetrics }: ResourceMetrics): Map<string, MetricData[]> {
  const found = new Map<string, MetricData[]>();
  for (const metric of scopeMetrics.flatMap(({ metrics }) => metrics)) {
    const same = found.get(metric.descriptor.name);
    if (same === undefined) found.set(metric.descriptor.name, [metric]);
    else same.push(metric);
  }
  return found;
}

/** Returns a metric under another name; none if its source has no series for it. */
function renamed(alias: Alias, sources: readonly MetricData[]): MetricData[] {
  const first = sources.find(({ dataPointType }) => dataPointType !== DataPointType.EXPONENTIAL_HISTOGRAM);
  if (first === undefined) return [];
  const sums = new Map<string, Sum>();
  for (const { dataPointType, dataPoints } of sources) {
    if (dataPointType !== first.dataPointType) continue;
    for (const point of dataPoints as readonly Point[])
      if (isSelected(point.attributes, alias.among)) add(sums, point, alias);
  }
  const { description, unit, valueType } = first.descriptor;
  const isCount = alias.take === "count";
  const descriptor = {
    name: alias.name,
    description: `${description} As \`${alias.source.name}\`.`,
    unit: isCount ? "" : unit,
    valueType,
  };
  const shape = isCount ? { dataPointType: DataPointType.SUM, isMonotonic: true } : {};
  return sums.size === 0 ? [] : [{ ...first, ...shape, descriptor, dataPoints: [...sums.values()] } as MetricData];
}

function isSelected(attributes: Attributes, selection: Selection = {}): boolean {
  for (const key in selection) {
    const values = selection[key]!;
    const value = attributes[key];
    if (values === true ? value === undefined : !values.includes(value as string)) return false;
  }
  return true;
}

/** Adds a point of the source to the sum of those with the same labels. A sum exists even if nothing is added to it. */
function add(sums: Map<string, Sum>, point: Point, alias: Alias): void {
  const { labels = {}, take, where } = alias;
  const attributes: Attributes = {};
  let key = "";
  for (const label in labels) {
    const value = point.attributes[labels[label]!];
    if (value !== undefined) attributes[label] = value;
    key += `${String(value)}\n`;
  }
  const isAdded = isSelected(point.attributes, where);
  const sum = sums.get(key) ?? emptySum(point, attributes, take === "count");
  sums.set(key, sum);
  if (!isAdded) return;
  if (typeof sum.value === "number") sum.value += typeof point.value === "number" ? point.value : point.value.count;
  else addHistogram(sum.value, point.value as Histogram);
}

function emptySum({ startTime, endTime, value }: Point, attributes: Attributes, isCount: boolean): Sum {
  if (isCount || typeof value === "number") return { startTime, endTime, attributes, value: 0 };
  const { boundaries, counts } = value.buckets;
  return {
    startTime,
    endTime,
    attributes,
    value: { buckets: { boundaries, counts: counts.map(() => 0) }, count: 0, sum: 0, max: 0 },
  };
}

/** Adds a histogram to a sum. Those of one metric have the same bounds, unless an application changed them. */
function addHistogram(sum: Histogram, { buckets, count, sum: total = 0, max = 0 }: Histogram): void {
  const { counts } = sum.buckets;
  if (buckets.counts.length !== counts.length) return;
  for (let i = 0; i < counts.length; i++) counts[i]! += buckets.counts[i]!;
  sum.count += count;
  sum.sum! += total;
  sum.max = Math.max(sum.max!, max);
}
