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

type Point = DataPoint<number> | DataPoint<Histogram>;

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
  const { among, where, take } = alias;
  const first = sources.find(({ dataPointType }) => dataPointType !== DataPointType.EXPONENTIAL_HISTOGRAM);
  if (first === undefined) return [];
  const sums = new Map<string, Point>();
  for (const { dataPointType, dataPoints } of sources) {
    if (dataPointType !== first.dataPointType) continue;
    for (const point of dataPoints as readonly Point[]) {
      if (!isSelected(point.attributes, among)) continue;
      const value = take === "count" ? (point as DataPoint<Histogram>).value.count : point.value;
      addTo(sums, { ...point, value } as Point, labelsOf(point.attributes, alias), isSelected(point.attributes, where));
    }
  }
  const { description, unit, valueType } = first.descriptor;
  const descriptor = {
    name: alias.name,
    description: `${description} As \`${alias.source.name}\`.`,
    unit: take === "count" ? "" : unit,
    valueType,
  };
  const shape = take === "count" ? { dataPointType: DataPointType.SUM, isMonotonic: true } : {};
  return sums.size === 0 ? [] : [{ ...first, ...shape, descriptor, dataPoints: [...sums.values()] } as MetricData];
}

function isSelected(attributes: Attributes, selection: Selection = {}): boolean {
  for (const [key, values] of Object.entries(selection)) {
    const value = attributes[key];
    if (values === true ? value === undefined : !values.includes(value as string)) return false;
  }
  return true;
}

function labelsOf(attributes: Attributes, { labels = {} }: Alias): Attributes {
  const kept: Attributes = {};
  for (const [label, key] of Object.entries(labels)) if (attributes[key] !== undefined) kept[label] = attributes[key];
  return kept;
}

/**
 * Adds a point to the sum of those with the same labels.
 * @param counts false if the sum is to exist, and the point adds nothing to it
 */
// oxlint-disable-next-line max-params -- one point
function addTo(sums: Map<string, Point>, point: Point, attributes: Attributes, counts: boolean): void {
  const key = JSON.stringify(attributes);
  const sum = sums.get(key);
  if (typeof point.value === "number") {
    const value = (typeof sum?.value === "number" ? sum.value : 0) + (counts ? point.value : 0);
    sums.set(key, { ...(point as DataPoint<number>), attributes, value });
  } else if (counts) {
    const value = sum === undefined ? point.value : together(sum.value as Histogram, point.value);
    sums.set(key, { ...(point as DataPoint<Histogram>), attributes, value });
  }
}

/** Returns the histogram of the values of both. Those of one metric have the same bounds, unless an application changed them. */
function together(one: Histogram, other: Histogram): Histogram {
  const { boundaries, counts } = one.buckets;
  const more = other.buckets.counts;
  if (more.length !== counts.length) return one;
  return {
    buckets: { boundaries, counts: counts.map((count, i) => count + more[i]!) },
    count: one.count + other.count,
    sum: (one.sum ?? 0) + (other.sum ?? 0),
  };
}
