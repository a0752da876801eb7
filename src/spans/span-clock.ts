import type { HrTime, Span } from "@opentelemetry/api";
import { anchorNow, fromPerformance, type Anchor } from "../runtime/clock.ts";

/** Fields the OpenTelemetry SDK's spans have beside the API's; another SDK's may lack them. */
interface SdkSpan {
  readonly startTime?: HrTime;
  readonly _performanceStartTime?: number;
  readonly _startTimeProvided?: boolean;
}

/**
 * The start of a span on both clocks. The SDK cuts a span's start to the millisecond and adds monotonic time
 * to it, so a span timed against any other wall clock could begin before its parent or end after it.
 */
export function anchorOf(span: Span): Anchor {
  const { startTime, _performanceStartTime, _startTimeProvided } = span as SdkSpan;
  if (startTime === undefined || _performanceStartTime === undefined || _startTimeProvided === true) return anchorNow();
  return { wall: startTime, monotonic: fromPerformance(_performanceStartTime) };
}
