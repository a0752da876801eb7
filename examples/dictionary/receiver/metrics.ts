import { readHistogram, type Histogram } from "./histogram.ts";
import { readAttributes, type Attributes, type OtlpMetrics } from "./otlp.ts";

/** One series of a histogram metric. */
export interface Series {
  readonly attributes: Attributes;
  readonly histogram: Histogram;
}

/** One series of a sum. */
export interface Sum {
  readonly attributes: Attributes;
  readonly value: number;
}

interface Metric {
  readonly histograms: readonly Series[];
  readonly sums: readonly Sum[];
}

/** The metrics of the last export of each service. They are cumulative, so each export has all of the one before. */
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

  add({ resourceMetrics }: OtlpMetrics): void {
    for (const { resource, scopeMetrics } of resourceMetrics) {
      const service = String(readAttributes(resource.attributes)["service.name"]);
      const metrics = this.#services.get(service) ?? new Map<string, Metric>();
      this.#services.set(service, metrics);
      for (const { name, exponentialHistogram, sum } of scopeMetrics.flatMap((scope) => scope.metrics)) {
        const histograms = (exponentialHistogram?.dataPoints ?? []).map((point) => {
          return { attributes: readAttributes(point.attributes), histogram: readHistogram(point) };
        });
        const sums = (sum?.dataPoints ?? []).map(({ attributes, asInt, asDouble }) => {
          return { attributes: readAttributes(attributes), value: Number(asInt ?? asDouble) };
        });
        metrics.set(name, { histograms, sums });
      }
    }
  }

  #all(name: string): Metric[] {
    return [...this.#services.values()].flatMap((metrics) => metrics.get(name) ?? []);
  }
}
