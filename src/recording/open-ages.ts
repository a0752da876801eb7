import type { Attributes } from "@opentelemetry/api";
import type { ActivityKind } from "../../semconv/index.ts";
import type { Definition } from "../metrics/definition.ts";
import { metricRegistry, type Instrument } from "../metrics/registry.ts";
import type { GaugeSeries } from "../metrics/series.ts";
import { now } from "../runtime/clock.ts";

/** Source of the age of the oldest open run of a kind, such as the transactions of one connection. */
export interface AgeSource {
  readonly attributes: Attributes;
  /** Returns the start of the oldest open run; undefined if none is open. */
  since(): bigint | undefined;
}

/** Sources by the gauge of their ages. */
const sources = new Map<Instrument, Set<AgeSource>>();

/** Polls the age of the oldest open run of a kind until the returned function is called. */
export function watchAge({ oldestAge }: ActivityKind, source: AgeSource): () => void {
  if (oldestAge === undefined) return () => {};
  const gauge = metricRegistry.instrument(oldestAge.metric as Definition);
  let all = sources.get(gauge);
  if (all === undefined) {
    all = new Set();
    sources.set(gauge, all);
  }
  gauge.bind(source.attributes);
  all.add(source);
  return () => void sources.get(gauge)?.delete(source);
}

/** Updates the gauges of the oldest open runs. */
function pollAges(): void {
  const timestamp = now();
  for (const [gauge, all] of sources) {
    for (const series of gauge.series()) (series as GaugeSeries).set(0);
    for (const source of all) {
      const start = source.since();
      if (start === undefined) continue;
      const series = gauge.bind(source.attributes) as GaugeSeries;
      series.set(Math.max(series.value ?? 0, Number(timestamp - start) / 1e9));
    }
  }
}

metricRegistry.onCollect(pollAges);
