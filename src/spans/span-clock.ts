import type { HrTime, Span } from "@opentelemetry/api";
import { anchorNow, fromPerformance, type Anchor } from "../runtime/clock.ts";

/** Fields of the spans of the OpenTelemetry SDK beside those of the API; spans of another SDK may lack them. */
interface SdkSpan {
  readonly startTime?: HrTime;
  readonly _performanceStartTime?: number;
  readonly _startTimeProvided?: boolean;
}

/**
 * Returns the start of a span on both clocks. The SDK truncates the start to a millisecond and adds monotonic time to
 * it. A child timed against another wall clock could begin before its parent or end after it.
 */
export function anchorOf(span: Span): Anchor {
  const { startTime, _performanceStartTime, _startTimeProvided } = span as SdkSpan;
  if (startTime === undefined || _performanceStartTime === undefined || _startTimeProvided === true) return anchorNow();
  return { wall: startTime, monotonic: fromPerformance(_performanceStartTime) };
}
