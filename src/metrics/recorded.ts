import {
  METRIC_OTEL_SDK_PROCESSOR_LOG_QUEUE_CAPACITY,
  METRIC_OTEL_SDK_PROCESSOR_SPAN_QUEUE_CAPACITY,
} from "../../semconv/index.ts";
import type { HotMetrics } from "./instruments.ts";

/** What is the same whether something happens or not. */
const CONSTANT: ReadonlySet<string> = new Set([
  METRIC_OTEL_SDK_PROCESSOR_LOG_QUEUE_CAPACITY.name,
  METRIC_OTEL_SDK_PROCESSOR_SPAN_QUEUE_CAPACITY.name,
]);

/** Whether anything was recorded: some series are there at zero from the start, but not those of histograms. */
export function hasRecorded(metrics: HotMetrics): boolean {
  for (const instrument of metrics.instruments()) {
    if (CONSTANT.has(instrument.definition.name)) continue;
    for (const cell of instrument.cells()) if (!("value" in cell) || (cell.value ?? 0) !== 0) return true;
  }
  return false;
}
