import type { HotMetrics } from "./instruments.ts";

/** Whether anything was counted: counters are there at zero from the start, histograms when there is something to count. */
export function hasRecorded(metrics: HotMetrics): boolean {
  for (const instrument of metrics.instruments()) {
    const { instrument: kind } = instrument.definition;
    if (kind !== "counter" && kind !== "histogram") continue;
    for (const cell of instrument.cells()) if (!("value" in cell) || cell.value !== 0) return true;
  }
  return false;
}
