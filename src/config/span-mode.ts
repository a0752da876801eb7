/** Storage operations that become spans: slow and failed ones, all, or none. */
export const SPAN_MODES = ["slow", "all", "off"] as const;
export type SpanMode = (typeof SPAN_MODES)[number];
