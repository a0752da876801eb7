import { DataPointType, type MetricData, type ScopeMetrics } from "@opentelemetry/sdk-metrics";
import { SCOPE } from "../../runtime/package-info.ts";
import { prometheusName, prometheusUnit } from "../../../semconv/prometheus-names.ts";
import type { Omissions } from "./omissions.ts";

/** All metrics with one name: those of several scopes share its TYPE, HELP and UNIT. */
export interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram" | "info";
  readonly help: string;
  readonly unit: string;
  readonly metrics: { readonly metric: MetricData; readonly scope: ScopeMetrics["scope"] }[];
}

type Shape = Omit<Family, "metrics">;

/** Suffixes of the further names that a family has in one of the formats. */
const SUFFIXES: Readonly<Record<Family["type"], readonly string[]>> = {
  counter: ["_total", "_created"],
  gauge: [],
  histogram: ["_bucket", "_sum", "_count", "_created"],
  info: ["_info"],
};

const TARGET: Family = { name: "target", type: "info", help: "Target metadata", unit: "", metrics: [] };

/** Metric with the family it would belong to. */
interface Candidate {
  readonly metric: MetricData;
  readonly scope: ScopeMetrics["scope"];
  readonly shape: Shape;
}

/**
 * Groups metrics into families, in their order. A name belongs to one family only. Our metrics take precedence over the
 * application's, and among those histograms, as they have the most names. What one format leaves out, the other leaves
 * out too.
 */
export function collectFamilies(scopes: readonly ScopeMetrics[], omissions: Omissions): Family[] {
  const candidates = scopes.flatMap(({ scope, metrics }) => metrics.flatMap((metric) => candidateOf(metric, scope)));
  const owners = new Map(namesOf(TARGET).map((name) => [name, TARGET]));
  const families = new Map<Candidate, Family>();
  for (const candidate of candidates.toSorted((a, b) => rankOf(a) - rankOf(b))) {
    const family = claim(candidate, owners, omissions);
    if (family !== undefined) families.set(candidate, family);
  }
  for (const candidate of candidates) families.get(candidate)?.metrics.push(candidate);
  return [...new Set(candidates.flatMap((candidate) => families.get(candidate) ?? []))];
}

const rankOf = ({ scope, shape }: Candidate): number =>
  scope.name === SCOPE.name ? 0 : shape.type === "histogram" ? 1 : 2;

/**
 * Finds or creates the family of a metric.
 * @returns undefined if one of its names belongs to another family
 */
function claim({ metric, shape }: Candidate, owners: Map<string, Family>, omissions: Omissions): Family | undefined {
  const names = namesOf(shape);
  const taken = names.find((name) => owners.has(name));
  const owner = taken === undefined ? undefined : owners.get(taken)!;
  if (owner?.name === shape.name && owner.type === shape.type) return owner;
  if (owner !== undefined) {
    const what = owner.name === shape.name ? `both a ${owner.type} and` : `of the ${owner.type} ${owner.name}, not`;
    omissions.add(
      "name_conflict",
      metric.dataPoints.length,
      `${taken!} is ${what} a ${shape.type}; the ${shape.type} is left out`,
    );
    return undefined;
  }
  const family = { ...shape, metrics: [] };
  for (const name of names) owners.set(name, family);
  return family;
}

/** Returns the name in the description: OpenMetrics describes a counter without its suffix. */
export const describedName = ({ name, type }: Pick<Family, "name" | "type">): string =>
  type === "counter" ? name.replace(/_total$/, "") : name;

function namesOf(shape: Pick<Family, "name" | "type">): string[] {
  const base = describedName(shape);
  return [
    shape.name,
    ...[base, ...SUFFIXES[shape.type].map((suffix) => base + suffix)].filter((name) => name !== shape.name),
  ];
}

/** Returns no candidate for a metric without points, which has nothing to describe. */
function candidateOf(metric: MetricData, scope: ScopeMetrics["scope"]): Candidate[] {
  return metric.dataPoints.length === 0 ? [] : [{ metric, scope, shape: shapeOf(metric) }];
}

/** Returns the family of a metric. An application in JavaScript may have passed any value as a name. */
function shapeOf(metric: MetricData): Shape {
  const [name, unit, help] = [metric.descriptor.name, metric.descriptor.unit, metric.descriptor.description].map(
    String,
  );
  const instrument = instrumentOf(metric);
  return {
    name: prometheusName({ name: name!, unit: unit!, instrument }),
    type: instrument === "updowncounter" ? "gauge" : instrument,
    help: help!,
    unit: prometheusUnit(unit!),
  };
}

function instrumentOf(metric: MetricData): "counter" | "updowncounter" | "gauge" | "histogram" {
  if (metric.dataPointType === DataPointType.GAUGE) return "gauge";
  if (metric.dataPointType === DataPointType.SUM) return metric.isMonotonic ? "counter" : "updowncounter";
  return "histogram";
}
