import { readHistogram, type Histogram } from "./histogram.ts";
import { readAttributes, type Attributes, type OtlpMetrics } from "./otlp.ts";

/** One series of a histogram metric. */
export interface Series {
  readonly attributes: Attributes;
  readonly histogram: Histogram;
}

/** One series of a sum, or of a gauge. */
export interface Sum {
  readonly attributes: Attributes;
  readonly value: number;
}

interface Metric {
  readonly histograms: readonly Series[];
  readonly sums: readonly Sum[];
  /** The highest value of each series of a gauge, by its attributes as text. */
  readonly peaks: ReadonlyMap<string, Sum>;
}

/**
 * The metrics of the last export of each service. They are cumulative, so each export has all of the one before; of a gauge
 * the highest value is kept as well.
 */
export class Metrics {
  readonly #services = new Map<string, Map<string, Metric>>();

  get isEmpty(): boolean {
    return this.#services.size === 0;
  }

  histograms({ name }: { readonly name: string }): Series[] {
    return this.#all(name).flatMap(({ histograms }) => histograms);
  }

  sums({ name }: { readonly name: string }): Sum[] {
    return this.#all(name).flatMap(({ sums }) => sums);
  }

  /** Returns the highest values of a gauge, or of a sum that rises and falls. */
  peaks({ name }: { readonly name: string }): Sum[] {
    return this.#all(name).flatMap(({ peaks }) => [...peaks.values()]);
  }

  /** Returns those of the services whose names begin like this. */
  of(prefix: string): Metrics {
    const some = new Metrics();
    for (const [service, metrics] of this.#services)
      if (service.startsWith(prefix)) some.#services.set(service, metrics);
    return some;
  }

  add({ resourceMetrics }: OtlpMetrics): void {
    for (const { resource, scopeMetrics } of resourceMetrics) {
      const service = String(readAttributes(resource.attributes)["service.name"]);
      const metrics = this.#services.get(service) ?? new Map<string, Metric>();
      this.#services.set(service, metrics);
      for (const { name, exponentialHistogram, gauge, sum } of scopeMetrics.flatMap((scope) => scope.metrics)) {
        const histograms = (exponentialHistogram?.dataPoints ?? []).map((point) => {
          return { attributes: readAttributes(point.attributes), histogram: readHistogram(point) };
        });
        const numbers = ((sum ?? gauge)?.dataPoints ?? []).map(({ attributes, asInt, asDouble }) => {
          return { attributes: readAttributes(attributes), value: Number(asInt ?? asDouble) };
        });
        const peaks = higher(metrics.get(name)?.peaks, numbers);
        metrics.set(name, { histograms, sums: sum === undefined ? [] : numbers, peaks });
      }
    }
  }

  #all(name: string): Metric[] {
    return [...this.#services.values()].flatMap((metrics) => metrics.get(name) ?? []);
  }
}

/** Adds values to the highest ones so far. */
function higher(known: Metric["peaks"] = new Map(), values: readonly Sum[]): Metric["peaks"] {
  const peaks = new Map(known);
  for (const each of values) {
    const key = JSON.stringify(each.attributes);
    const peak = peaks.get(key);
    if (peak === undefined || each.value > peak.value) peaks.set(key, each);
  }
  return peaks;
}
